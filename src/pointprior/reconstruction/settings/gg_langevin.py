"""Settings of gradient-guided Langevin dynamics."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.descent import Descent
from pointprior.reconstruction.settings.ranges import FIRST_TIME, TIME_STEPS, Start, start
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(Descent):
    """Gradient-guided Langevin dynamics: noise, half of the denoising, a step towards the measurements."""

    initial: Start = field(default="ml_regularised", metadata=start(otherwise="noise"))
    steps: int = field(default=80, metadata=about("steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=0.05, metadata=FIRST_TIME)
