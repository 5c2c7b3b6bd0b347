"""What one's own files hold, measured once: images, points of all that was read, and the observations they make."""

import json
import os
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Float

from pointprior.images.image_set import ImageSet
from pointprior.images.maps import RESOLUTION as MAP_RESOLUTION
from pointprior.images.measured_points import MeasuredPoints
from pointprior.images.points import RESOLUTION as IMAGE_RESOLUTION
from pointprior.measurements.frame import Frame
from pointprior.measurements.homologues import Homologue
from pointprior.measurements.observations import Observations
from pointprior.measurements.own import OwnMeasurements
from pointprior.measurements.own_files import OwnFiles
from pointprior.runtime.files import atomic_write


@dataclass(frozen=True)
class OwnData:
    """Everything that is known of one's own specimen; no truth.

    Attributes
    ----------
    files : OwnFiles
        What was read, and how.
    measurements : OwnMeasurements
        The observations (images, then the map, the part and the homologue), their frame, and the homologue's place.
    images : ImageSet, optional
        The images as read.
    seen : tuple of MeasuredPoints
        What every image became.
    low_resolution : MeasuredPoints, optional
        What the map became.
    part : ndarray, shape=(L, 3), optional
        Points of the part (in Å, in the images' frame).
    map_centre : ndarray, shape=(3,), optional
        Where the frame of map and part (or of what the images were found in) has the centre of the images' boxes (in
        Å); None where it is their origin.
    warnings : tuple of str
        What looks wrong.
    notes : tuple of str
        What a person should know otherwise.
    """

    files: OwnFiles
    measurements: OwnMeasurements
    images: ImageSet | None = None
    seen: tuple[MeasuredPoints, ...] = ()
    low_resolution: MeasuredPoints | None = None
    part: Float[np.ndarray, "L 3"] | None = None
    map_centre: Float[np.ndarray, "3"] | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def observations(self) -> Observations:
        """What methods are given."""
        return self.measurements.observations

    @property
    def frame(self) -> Frame:
        """Takes models to the images' frame (in Å)."""
        return self.measurements.frame

    @property
    def image_resolution(self) -> float | None:
        """What the images resolve (in Å), as was said or taken for granted; None without images."""
        if self.images is None:
            return None
        return self.files.image_resolution or IMAGE_RESOLUTION * self.images.pixel_size

    @property
    def map_resolution(self) -> float | None:
        """The same of the map."""
        if self.low_resolution is None:
            return None
        return self.files.map_resolution or MAP_RESOLUTION * float(self.low_resolution.size.mean())

    def image(self, k: int) -> Float[np.ndarray, "h w"]:
        """An image as it was read, but with the specimen bright."""
        if self.images is None:
            raise IndexError("there are no images")
        return self.images.pixels[k] * (1 if self.files.contrast == "white" else -1)

    def save(self, path: str | os.PathLike) -> None:
        """Write everything as a compressed .npz, whole or not at all."""
        arrays: dict[str, Any] = {"center": self.frame.center, "scale": self.frame.scale}
        arrays |= {"warnings": np.array(self.warnings, dtype=str), "notes": np.array(self.notes, dtype=str)}
        arrays |= self.observations.arrays() | {"files": json.dumps(asdict(self.files))}
        if self.images is not None:
            arrays |= _packed("images", self.images)
        for k, points in enumerate(self.seen):
            arrays |= _packed(f"seen{k}", points)
        if self.low_resolution is not None:
            arrays |= _packed("map", self.low_resolution)
        if self.measurements.homologue is not None:
            arrays |= _packed("homologue", self.measurements.homologue)
        arrays |= {key: getattr(self, key) for key in ("part", "map_centre") if getattr(self, key) is not None}
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
            OwnMeasurements(
                Observations.from_arrays(arrays),
                frame,
                homologue=_unpacked("homologue", Homologue, arrays) if "homologue.points" in arrays else None,
            ),
            images,
            tuple(_unpacked(f"seen{k}", MeasuredPoints, arrays) for k in range(count)),
            _unpacked("map", MeasuredPoints, arrays) if "map.points" in arrays else None,
            arrays.get("part"),
            arrays.get("map_centre"),
            tuple(map(str, arrays["warnings"])),
            tuple(map(str, arrays["notes"])),
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
