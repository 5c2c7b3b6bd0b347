"""Settings of diffusion posterior sampling with Adam's preconditioning."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings import dps
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(dps.Settings):
    """Diffusion posterior sampling whose guidance is preconditioned by its moments over the steps (Adam)."""

    beta1: float = field(
        default=0.5,
        metadata=about("decay of the guidance's first moment", ge=0, le=0.999, why="a share; 1 would never forget"),
    )
    beta2: float = field(
        default=0.99,
        metadata=about("decay of its second moment", ge=0, le=0.9999, why="a share; 1 would never forget"),
    )
