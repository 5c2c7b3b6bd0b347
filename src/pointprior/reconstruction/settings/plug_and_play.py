"""Settings of plug-and-play sampling."""

from dataclasses import dataclass, field
from typing import Literal

from pointprior.reconstruction.settings.ranges import CROWDING, FIRST_TIME, LAST_TIME, TIME_STEPS, check_descent
from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Plug-and-play sampling (DiffPIR): the prior denoises, the measurements correct in closed form."""

    initial: Literal["ml_regularised", "ml"] | None = field(
        default="ml_regularised",
        metadata=about("method whose models are the start; null: noise (then with t_max 1)"),
    )
    steps: int = field(default=20, metadata=about("time steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=0.2, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    sigma: float = field(
        default=0.005,
        metadata=about(
            "standard deviation of a measured coordinate (units of the cube)",
            ge=1e-6,
            le=1,
            why="units of the cube, which a cloud about fills",
        ),
    )
    zeta: float = field(
        default=0.3, metadata=about("share of the noise drawn anew at every step", ge=0, le=1, why="a share")
    )
    regularised: bool = field(
        default=True, metadata=about("relax points towards their expected spacing after every data step")
    )

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)
