"""What one's own files hold, measured once: images, their points, a map's, a part's, and the observations they make."""

import json
import os
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from pointprior.images.image_set import ImageSet
from pointprior.images.measured_points import MeasuredPoints
from pointprior.measurements.observations import Observations
from pointprior.measurements.own import Frame, OwnMeasurements
from pointprior.runtime.files import atomic_write
from pointprior.runtime.settings import Settings, about

LARGEST_POINTS: dict[str, Any] = {
    "ge": 8,
    "le": 16_384,
    "why": "fewer show no shape; more than a model has say no more",
}
ANGSTROMS: dict[str, Any] = {"ge": 0.05, "le": 1000, "why": "in Å"}


@dataclass(frozen=True)
class OwnFiles(Settings):
    """Files of one's own specimen, and how they are read."""

    images: str | None = field(
        default=None,
        metadata=about("images with their poses: a STAR file (RELION, cisTEM) or a .cs file (cryoSPARC)"),
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
    image_points: int = field(default=1024, metadata=about("points that an image becomes", **LARGEST_POINTS))
    image_resolution: float | None = field(
        default=None, metadata=about("what the images resolve (in Å); null: four pixels", **ANGSTROMS)
    )
    threshold: float | None = field(
        default=None, metadata=about("image values above it are specimen; null: found for every image")
    )
    map: str | None = field(default=None, metadata=about("a low-resolution map (MRC, CCP4)"))
    voxel_size: float | None = field(
        default=None, metadata=about("width of the map's voxels (in Å); null: as its header says", **ANGSTROMS)
    )
    map_points: int = field(default=40, metadata=about("points that the map becomes", **LARGEST_POINTS))
    map_level: float | None = field(default=None, metadata=about("contour level of the map; null: found by itself"))
    map_resolution: float | None = field(
        default=None, metadata=about("what the map resolves (in Å); null: four voxels", **ANGSTROMS)
    )
    map_centre: Literal["box", "header"] = field(
        default="box",
        metadata=about(
            "where the centre of the images' boxes lies in the map: box: its middle voxel; header: where the "
            "header's origin counts from"
        ),
    )
    subunit: str | None = field(
        default=None, metadata=about("structure of a part (mmCIF, PDB) where it lies in the map")
    )
    subunit_chains: str | None = field(
        default=None, metadata=about("chains that are the part, separated by commas; null: all")
    )
    subunit_share: float | None = field(
        default=None,
        metadata=about("the part's share of the mass", ge=0.001, le=1, why="a share"),
    )
    points: int = field(default=1024, metadata=about("points of a model", **LARGEST_POINTS))

    def __post_init__(self):
        super().__post_init__()
        if self.images is None and self.map is None:
            raise ValueError("nothing is measured: name images or a map")
        if self.subunit is not None and self.subunit_share is None:
            raise ValueError("subunit needs subunit_share, the part's share of the mass (from sequences, say)")


@dataclass(frozen=True)
class OwnData:
    """Everything that is known of one's own specimen; no truth.

    Attributes
    ----------
    files : OwnFiles
        What was read, and how.
    measurements : OwnMeasurements
        The observations (images, then the map, then the part) and their frame.
    images : ImageSet, optional
        The images as read.
    seen : tuple of MeasuredPoints
        What every image became.
    low_resolution : MeasuredPoints, optional
        What the map became.
    part : ndarray, shape=(L, 3), optional
        Points of the part (in Å, in the images' frame).
    remarks : tuple of str
        What a person should look at.
    """

    files: OwnFiles
    measurements: OwnMeasurements
    images: ImageSet | None = None
    seen: tuple[MeasuredPoints, ...] = ()
    low_resolution: MeasuredPoints | None = None
    part: Float[np.ndarray, "L 3"] | None = None
    remarks: tuple[str, ...] = ()

    @property
    def observations(self) -> Observations:
        """What methods are given."""
        return self.measurements.observations

    @property
    def frame(self) -> Frame:
        """Takes models to the images' frame (in Å)."""
        return self.measurements.frame

    def image(self, k: int) -> Float[np.ndarray, "h w"]:
        """An image as it was read, but with the specimen bright."""
        if self.images is None:
            raise IndexError("there are no images")
        return self.images.pixels[k] * (1 if self.files.contrast == "white" else -1)

    def save(self, path: str | os.PathLike) -> None:
        """Write everything as a compressed .npz, whole or not at all."""
        arrays = {"center": self.frame.center, "scale": self.frame.scale, "remarks": np.array(self.remarks, dtype=str)}
        arrays |= self.observations.arrays() | {"files": json.dumps(asdict(self.files))}
        if self.images is not None:
            arrays |= _packed("images", self.images)
        for k, points in enumerate(self.seen):
            arrays |= _packed(f"seen{k}", points)
        if self.low_resolution is not None:
            arrays |= _packed("map", self.low_resolution)
        if self.part is not None:
            arrays["part"] = self.part
        with atomic_write(path) as temporary:
            np.savez_compressed(temporary, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "OwnData":
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        frame = Frame(arrays["center"], float(arrays["scale"]))
        images = _unpacked("images", ImageSet, arrays) if "images.pixels" in arrays else None
        count = 0 if images is None else len(images)
        return cls(
            OwnFiles(**json.loads(str(arrays["files"]))),
            OwnMeasurements(Observations.from_arrays(arrays), frame),
            images,
            tuple(_unpacked(f"seen{k}", MeasuredPoints, arrays) for k in range(count)),
            _unpacked("map", MeasuredPoints, arrays) if "map.points" in arrays else None,
            arrays.get("part"),
            tuple(map(str, arrays["remarks"])),
        )


def _packed(name: str, thing: Any) -> dict[str, Any]:
    """Fields of a dataclass as arrays; those that are None are left out."""
    values = {item.name: getattr(thing, item.name) for item in fields(thing)}
    return {f"{name}.{key}": np.asarray(value) for key, value in values.items() if value is not None}


def _unpacked(name: str, kind: Any, arrays: dict[str, Any]) -> Any:
    """A dataclass from what `_packed` made of it."""
    values = {item.name: arrays.get(f"{name}.{item.name}") for item in fields(kind)}
    return kind(**{key: _plain(value, key) for key, value in values.items()})


def _plain(value: Any, key: str) -> Any:
    """A number or a tuple where the field is one."""
    if value is None:
        return None
    if key in ("names", "numbers", "remarks"):
        return tuple(value.tolist())
    return value.item() if value.ndim == 0 else value


def relocated(files: OwnFiles, found: Any) -> OwnFiles:
    """The same with every path as `found(path)` has it."""
    paths = {name: getattr(files, name) for name in ("images", "map", "subunit")}
    return replace(files, **{name: str(found(path)) for name, path in paths.items() if path is not None})
