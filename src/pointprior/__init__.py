"""Bayesian 3D reconstruction of point clouds with diffusion priors.

The names below are what a person needs; `__init__.pyi` lists them, and each is imported when it is first used.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
