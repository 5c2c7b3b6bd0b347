"""Settings of maximum likelihood."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.ranges import GRADIENT_STEPS
from pointprior.runtime import settings
from pointprior.runtime.settings import LEARNING_RATE, about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Maximum likelihood: Adam from uniform starts."""

    steps: int = field(default=100, metadata=about("Adam steps", **GRADIENT_STEPS))
    learning_rate: float = field(default=0.01, metadata=about("Adam's learning rate", **LEARNING_RATE))
