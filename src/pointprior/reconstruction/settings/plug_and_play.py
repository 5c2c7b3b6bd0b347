"""Settings of plug-and-play sampling."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.descent import Descent
from pointprior.reconstruction.settings.ranges import FIRST_TIME, TIME_STEPS, Start, start
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(Descent):
    """Plug-and-play sampling (DiffPIR): the prior denoises, the measurements correct in closed form."""

    initial: Start = field(default="ml_regularised", metadata=start(otherwise="noise (then with t_max 1)"))
    steps: int = field(default=20, metadata=about("time steps, a network evaluation each", **TIME_STEPS))
    t_max: float = field(default=0.2, metadata=FIRST_TIME)
    zeta: float = field(
        default=0.3, metadata=about("share of the noise drawn anew at every step", ge=0, le=1, why="a share")
    )
    regularised: bool = field(
        default=True, metadata=about("relax points towards their expected spacing after every data step")
    )
