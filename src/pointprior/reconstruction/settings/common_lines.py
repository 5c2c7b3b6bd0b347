"""Settings of the control that reads common lines."""

from dataclasses import dataclass, field

from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(settings.Settings):
    """Control: reads the points that several projections share from the lines that these have in common."""

    tolerance: float = field(
        default=1e-6,
        metadata=about(
            "difference of two coordinates on a common line up to which they may be one point's (units of the cube)",
            ge=1e-8,
            le=0.1,
            why="below is the rounding of the measurements, above every point fits every other",
        ),
    )
