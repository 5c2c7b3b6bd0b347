"""Adam's moments of a guidance gradient over the evaluations of a trajectory (Belardi et al. 2026)."""

from dataclasses import dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

EPSILON = 1e-8  # beside coordinates' own scale, which is of order one


@dataclass(frozen=True)
class Adam:
    """How fast the moments forget.

    Attributes
    ----------
    beta1, beta2 : float
        Decays of the mean and of the mean square.
    """

    beta1: float
    beta2: float


@dataclass
class Moments:
    """Running mean and mean square of a gradient, per coordinate of every sample.

    Held by whoever follows a trajectory, from its first evaluation to its last.
    """

    mean: Float[Tensor, "*shape"] = field(default_factory=lambda: torch.zeros(()))
    square: Float[Tensor, "*shape"] = field(default_factory=lambda: torch.zeros(()))
    count: int = 0

    def updated(self, gradient: Float[Tensor, "S N 3"], adam: Adam) -> Float[Tensor, "S N 3"]:
        """Take in a gradient, and give the mean over the root of the mean square, both unbiased.

        A coordinate whose gradient keeps its sign gets about ±1, one whose gradient alternates about 0.
        """
        self.count += 1
        self.mean = adam.beta1 * self.mean + (1 - adam.beta1) * gradient
        self.square = adam.beta2 * self.square + (1 - adam.beta2) * gradient.square()
        mean = self.mean / (1 - adam.beta1**self.count)
        square = self.square / (1 - adam.beta2**self.count)
        return mean / (square.sqrt() + EPSILON)
