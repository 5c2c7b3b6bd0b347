"""Settings of gradient-guided Langevin dynamics."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.ranges import (
    CROWDING,
    FIRST_TIME,
    LAST_TIME,
    MEASURED,
    TIME_STEPS,
    Start,
    check_descent,
    start,
)
from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Gradient-guided Langevin dynamics: noise, half of the denoising, a step towards the measurements."""

    initial: Start = field(default="ml_regularised", metadata=start(otherwise="noise"))
    steps: int = field(default=80, metadata=about("steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=0.05, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    sigma: float = field(default=0.005, metadata=MEASURED)

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)
