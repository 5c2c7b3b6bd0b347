"""Small denoisers with weights as after a training, and clouds for them."""

import torch

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec

SPEC = NetworkSpec(
    kind="neighbours", width=16, layers=2, heads=2, neighbours=5, message_width=8, latents=4, time_code="log"
)


def trained_like(spec=SPEC):
    """A denoiser none of whose weights is zero."""
    torch.manual_seed(0)
    denoiser = Denoiser(spec).eval().requires_grad_(False)
    for parameter in denoiser.parameters():
        parameter.add_(0.1 * torch.randn(parameter.shape))
    return denoiser


def clouds(samples=2, points=30):
    """Standard normal clouds."""
    return torch.randn(samples, points, 3, generator=torch.Generator().manual_seed(1))
