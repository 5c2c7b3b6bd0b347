"""Settings of a reconstruction of one's own specimen."""

from dataclasses import dataclass, field

from pointprior.measurements.likelihood import LEAVING_OUT, Pairing
from pointprior.reconstruction.schedule import NoiseControlName
from pointprior.reconstruction.settings.ranges import TIME_STEPS
from pointprior.runtime import settings
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class OwnReconstruction(settings.Settings):
    """How one's own specimen is reconstructed."""

    samples: int = field(
        default=10,
        metadata=about(
            "models by every method", ge=1, le=10_000, why="one job draws them all, and one file holds them"
        ),
    )
    refine_angle: float = field(
        default=0.0,
        metadata=about(
            "how wrong the images' angles may be (root mean square, in degrees): they are refined within about that; "
            "0: held",
            ge=0,
            le=60,
            why="beyond it the given angles say little",
        ),
    )
    refine_shift: float = field(
        default=0.0,
        metadata=about(
            "how wrong the images' shifts may be (standard deviation, in Å); 0: held",
            ge=0,
            le=1000,
            why="beyond it the specimen leaves the image",
        ),
    )
    homologue_angle: float = field(
        default=5.0,
        metadata=about(
            "how wrong the homologue's orientation may be (root mean square, in degrees): every model refines it "
            "within about that; 0: held",
            ge=0,
            le=60,
            why="beyond it the given orientation says little",
        ),
    )
    homologue_shift: float = field(
        default=3.0,
        metadata=about(
            "how wrong the homologue's place may be (standard deviation along an axis, in Å); 0: held",
            ge=0,
            le=1000,
            why="beyond it the homologue leaves the specimen",
        ),
    )
    pairing: Pairing | None = field(
        default=None,
        metadata=about(
            "how points are paired with those of the images, see `likelihood`; null: mixed with `outliers`, entropic "
            "for `pnp` and `ml_regularised` with images and no map or part, otherwise exact"
        ),
    )
    outliers: float = field(
        default=0.0,
        metadata=about(
            "share of an image's points that stay unmatched, those that fit worst, for images that show what is no "
            "part of the specimen (`pnp`, `gg_langevin` and `ml_regularised`)",
            ge=0,
            le=0.5,
            why="more would leave out most of what was measured",
        ),
    )
    alpha: float | None = field(
        default=None,
        metadata=about(
            "guidance strength α of diffusion posterior sampling; null: 300 with a map, otherwise by the number of "
            "images as in the paper",
            ge=0,
            le=1e9,
            why="0 guides nothing; millions throw points out of the cube",
        ),
    )
    beta: NoiseControlName = field(default="1/t", metadata=about("noise control β(t)"))
    steps: int = field(default=40, metadata=about("time steps of diffusion posterior sampling", **TIME_STEPS))

    def __post_init__(self):
        super().__post_init__()
        if self.outliers and self.pairing not in (None, *LEAVING_OUT):
            able = " or ".join(LEAVING_OUT)
            raise ValueError(f"outliers stay unmatched with pairing {able}, not {self.pairing}; leave pairing out")
