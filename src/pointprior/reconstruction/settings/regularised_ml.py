"""Settings of regularised maximum likelihood."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.ranges import GRADIENT_STEPS
from pointprior.runtime import settings
from pointprior.runtime.settings import LEARNING_RATE, about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Maximum likelihood with a regulariser on the distances between neighbours."""

    steps: int | None = field(
        default=None,
        metadata=about("Adam steps; null: as many as DPS evaluates gradients in the task", **GRADIENT_STEPS),
    )
    learning_rate: float = field(
        default=0.3, metadata=about("Adam's learning rate at the start; it falls to zero", **LEARNING_RATE)
    )
    weight: float = field(
        default=0.3,
        metadata=about(
            "λ of the regulariser, beside the Frobenius sum of the energy",
            ge=0,
            le=1e6,
            why="beyond it the measurements count for nothing",
        ),
    )
