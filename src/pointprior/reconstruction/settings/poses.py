"""Settings of the refinement of poses."""

from dataclasses import dataclass, field

from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class PoseErrors(settings.Settings):
    """How far given poses may be wrong; where they may not, they are held as given."""

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

    homologue_angle: float = field(
        default=0.0,
        metadata=about(
            "root-mean-square angle (in degrees) between a homologue as it lies and as it belongs; 0: it is not turned",
            ge=0,
            le=60,
            why="beyond it the given pose says little, and a refinement ends anywhere",
        ),
    )
    homologue_shift: float = field(
        default=0.0,
        metadata=about(
            "standard deviation of a homologue's place along an axis (units of the cube); 0: it is not moved",
            ge=0,
            le=1,
            why="beyond it the homologue leaves the specimen",
        ),
    )

    def of(self, kind: str) -> tuple[float, float]:
        """Angle and shift by which poses of a kind of measurement may be wrong; zeros where it has none."""
        if kind in ("projection", "image"):
            return self.angle, self.shift
        return (self.homologue_angle, self.homologue_shift) if kind == "homologue" else (0.0, 0.0)

    def any_of(self, kind: str) -> bool:
        """Whether poses of a kind of measurement are refined."""
        return any(self.of(kind))
