"""Diffusion priors: the denoiser, its training, and what it is worth without measurements."""
