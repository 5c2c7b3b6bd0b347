"""Settings of one's own data: which files, and how they are read. Quick to import, for a command line asks for them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pointprior.runtime.settings import Settings, about

PATHS = ("images", "stack", "reference", "map", "subunit", "homologue")  # fields that name files
LARGEST_POINTS: dict[str, Any] = {
    "ge": 8,
    "le": 16_384,
    "why": "fewer show no shape; more than a model has say no more",
}
ANGSTROMS: dict[str, Any] = {"ge": 0.05, "le": 1000, "why": "in Å"}
DENSITIES: dict[str, Any] = {"ge": -1e12, "le": 1e12, "why": "in the units of the file, whose float32 has seven digits"}


@dataclass(frozen=True)
class OwnFiles(Settings):
    """Files of one's own specimen, and how they are read."""

    images: str | None = field(
        default=None,
        metadata=about(
            "images with their poses: a STAR file (RELION, cisTEM) or a .cs file (cryoSPARC); with a reference also "
            "images alone, several files by a pattern such as averages/*.spi"
        ),
    )
    stack: str | None = field(
        default=None, metadata=about("stack of the images, where their file names none or it has moved; null: as named")
    )
    pixel_size: float | None = field(
        default=None, metadata=about("width of a pixel (in Å); null: as the file says", **ANGSTROMS)
    )
    select: str = field(
        default="all",
        metadata=about("which images: all; rows, such as 1,4-6; or 5 views: the five whose directions differ most"),
    )
    contrast: Literal["white", "black"] = field(
        default="white", metadata=about("whether particles are brighter or darker than their surroundings")
    )
    image_points: int = field(default=1024, metadata=about("points that represent an image", **LARGEST_POINTS))
    image_resolution: float | None = field(
        default=None, metadata=about("what the images resolve (in Å); null: three pixels", **ANGSTROMS)
    )
    threshold: float | None = field(
        default=None,
        metadata=about(
            "values above it (below, if particles are black) are specimen; null: determined for each image", **DENSITIES
        ),
    )
    reference: str | None = field(
        default=None,
        metadata=about(
            "a map (MRC, CCP4) or a structure (mmCIF, PDB) whose projections give the images their poses; poses in "
            "their file are ignored"
        ),
    )
    reference_resolution: float = field(
        default=30.0, metadata=about("finer detail is left out in finding them (in Å)", **ANGSTROMS)
    )
    map: str | None = field(default=None, metadata=about("a low-resolution map (MRC, CCP4)"))
    voxel_size: float | None = field(
        default=None,
        metadata=about("width of the voxels of map and reference (in Å); null: as their headers say", **ANGSTROMS),
    )
    map_points: int | None = field(
        default=None,
        metadata=about("points that represent the map; null: by its volume and resolution", **LARGEST_POINTS),
    )
    map_level: float | None = field(
        default=None, metadata=about("contour level of the map; null: determined automatically", **DENSITIES)
    )
    map_resolution: float | None = field(
        default=None, metadata=about("what the map resolves (in Å); null: three voxels", **ANGSTROMS)
    )
    map_centre: Literal["box", "header"] = field(
        default="box",
        metadata=about(
            "where the centre of the images' boxes lies in the map: box: its middle voxel; header: the zero point of "
            "the header's coordinates"
        ),
    )
    subunit: str | None = field(
        default=None, metadata=about("structure of a known part (mmCIF, PDB), fitted into the map")
    )
    subunit_chains: str | None = field(
        default=None, metadata=about("chains that are the part, separated by commas; null: all")
    )
    subunit_share: float | None = field(
        default=None,
        metadata=about(
            "the part's share of the mass; null: the share of the map's mass that lies near it",
            ge=0.001,
            le=0.999,
            why="a share",
        ),
    )
    homologue: str | None = field(
        default=None, metadata=about("structure like the specimen (mmCIF, PDB), from which it may deviate")
    )
    homologue_chains: str | None = field(
        default=None, metadata=about("chains that are like it, separated by commas; null: all")
    )
    homologue_share: float = field(
        default=1.0,
        metadata=about("share of the specimen's mass that the homologue stands for", ge=0.001, le=1, why="a share"),
    )
    homologue_deviation: float | None = field(
        default=None,
        metadata=about(
            "by how much specimen and homologue differ once superposed (standard deviation of a coordinate, in Å); "
            "null: by its misfit to the other measurements",
            ge=0.1,
            le=100,
            why="less is the specimen itself, more says nothing",
        ),
    )
    homologue_place: Literal["sought", "map"] = field(
        default="sought",
        metadata=about(
            "where the homologue lies: sought: where, as a rigid body, it explains the other measurements best; map: "
            "where it was fitted into the map"
        ),
    )
    points: int = field(default=1024, metadata=about("points of a model", **LARGEST_POINTS))

    def __post_init__(self):
        super().__post_init__()
        if self.images is None and self.map is None:
            raise ValueError("nothing is measured: name images or a map")
        if self.subunit is not None and self.subunit_share is None and self.map is None:
            raise ValueError("subunit needs subunit_share, its share of the mass (from sequences, say), or a map")
        if self.homologue is None or self.homologue_share == 1:
            return
        if self.homologue_place == "sought":
            raise ValueError(
                "a homologue of a part of the specimen cannot be sought: fit it into the map and say so "
                "(`homologue_place` map), or leave `homologue_share` at 1"
            )
        if self.homologue_deviation is None:
            raise ValueError("the misfit of a homologue of a part is not known: say its `homologue_deviation`")


def relocated(files: OwnFiles, found: Callable[[str], Any]) -> OwnFiles:
    """The same with every path as `found(path)` has it."""
    paths = {name: getattr(files, name) for name in PATHS}
    there: dict[str, Any] = {name: str(found(path)) for name, path in paths.items() if path is not None}
    return replace(files, **there)
