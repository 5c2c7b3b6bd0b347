"""Settings of the refinement of poses."""

from dataclasses import dataclass, field

from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class PoseErrors(settings.Settings):
    """How far the poses of projections may be wrong; where neither may, they are held as given."""

    angle: float = field(
        default=0.0,
        metadata=about(
            "root-mean-square angle (in degrees) between a true pose and the given one; 0: rotations are held",
            ge=0,
            le=60,
            why="beyond it the given poses say little, and a refinement ends anywhere",
        ),
    )
    shift: float = field(
        default=0.0,
        metadata=about(
            "standard deviation of where the specimen's centre lies in an image (units of the cube); 0: it is held",
            ge=0,
            le=1,
            why="beyond it the specimen leaves the image",
        ),
    )

    @property
    def any(self) -> bool:
        """Whether anything is refined."""
        return bool(self.angle or self.shift)
