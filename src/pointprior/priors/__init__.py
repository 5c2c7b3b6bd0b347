"""Diffusion priors: the denoiser, its training, and its quality without measurements."""
