"""Settings of diffusion posterior sampling."""

from dataclasses import dataclass, field

from pointprior.reconstruction.schedule import Integrator
from pointprior.reconstruction.settings.ranges import CROWDING, FIRST_TIME, LAST_TIME, TIME_STEPS, check_descent
from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Diffusion posterior sampling (Algorithm 1); α, β and perhaps the steps are the task's."""

    steps: int = field(default=40, metadata=about("time steps", **TIME_STEPS))
    t_max: float = field(default=1.0, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    integrator: Integrator = field(default="paper", metadata=about("how a step is taken"))
    guidance_clip: float | None = field(
        default=5.0,
        metadata=about(
            "how far guidance may move a denoised cloud, in its distances from the measurements; null: as printed, "
            "without a limit",
            ge=1e-3,
            le=1e6,
            why="a multiple of a distance; null is no limit",
        ),
    )

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)
