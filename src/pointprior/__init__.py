"""Bayesian 3D reconstruction of point clouds with diffusion priors."""

__version__ = "0.2.0"
