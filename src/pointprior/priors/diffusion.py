"""The noise of training, in the manner of Karras et al. (2022)."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class NoiseDistribution:
    """Training noise levels: ln t ~ N(mean, std²), no larger than t_max (in units of the cube)."""

    mean: float
    std: float
    t_max: float

    def sample(self, n: int, generator: torch.Generator) -> Float[Tensor, " n"]:
        """Draw `n` noise levels."""
        t = (self.mean + self.std * torch.randn(n, generator=generator)).exp()
        return t.clamp(max=self.t_max)
