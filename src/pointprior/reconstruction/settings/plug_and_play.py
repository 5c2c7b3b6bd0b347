"""Settings of plug-and-play sampling."""

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
    """Plug-and-play sampling (DiffPIR): the prior denoises, the measurements correct in closed form."""

    initial: Start = field(default="ml_regularised", metadata=start(otherwise="noise (then with t_max 1)"))
    steps: int = field(default=20, metadata=about("time steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=0.2, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    sigma: float = field(default=0.005, metadata=MEASURED)
    zeta: float = field(
        default=0.3, metadata=about("share of the noise drawn anew at every step", ge=0, le=1, why="a share")
    )
    regularised: bool = field(
        default=True, metadata=about("relax points towards their expected spacing after every data step")
    )

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)
