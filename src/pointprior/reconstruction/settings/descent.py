"""What samplers have in common that descend from a first time to a last one without a gradient of the network."""

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
class Descent(settings.Settings):
    """A start, times, and how well a measured coordinate is known."""

    initial: Start = field(default=None, metadata=start(otherwise="noise"))
    steps: int = field(default=40, metadata=about("time steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=1.0, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    sigma: float = field(default=0.005, metadata=MEASURED)

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)
