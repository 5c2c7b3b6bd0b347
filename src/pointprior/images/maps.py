"""Density maps (MRC, CCP4) to the points of a low-resolution structure."""

import os
from dataclasses import dataclass
from typing import Literal

import mrcfile
import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints
from pointprior.images.quantisation import represent
from pointprior.runtime.seeding import numpy_generator

Centre = Literal["box", "header"]


@dataclass(frozen=True)
class Map:
    """A density map.

    Attributes
    ----------
    values : ndarray, shape=(nz, ny, nx), dtype=float32
        Sections, rows, columns.
    voxel : ndarray, shape=(3,)
        Size of a voxel along x, y, z (in Å).
    origin : ndarray, shape=(3,)
        Position of the first voxel that the header states (x, y, z; in Å).
    path : str
        The file, for messages.
    """

    values: Float[np.ndarray, "nz ny nx"]
    voxel: Float[np.ndarray, "3"]
    origin: Float[np.ndarray, "3"]
    path: str

    def centre(self) -> Float[np.ndarray, "3"]:
        """Position of the box's middle, voxel n // 2, in the header's frame (in Å)."""
        return self.origin + self.voxel * (np.array(self.values.shape[::-1]) // 2)


def read_density(path: str | os.PathLike, *, voxel_size: float | None = None) -> Map:
    """Read a map, its axes brought to sections, rows, columns.

    Raises
    ------
    ImageError
        If the file is no map, or its voxel size is neither stated nor given.
    """
    with mrcfile.open(path, permissive=True) as file:
        stated = np.array([float(file.voxel_size[axis]) for axis in "xyz"])
        origin = np.array([float(file.header.origin[axis]) for axis in "xyz"])
        values = np.array(file.data, dtype=np.float32)
    voxel = stated if voxel_size is None else np.full(3, float(voxel_size))
    if not (voxel > 0).all():
        raise ImageError(f"{os.fspath(path)}: the header states no voxel size; give it (in Å)")
    return Map(values, voxel, origin, os.fspath(path))


def points_of_map(
    density: Map,
    *,
    key: tuple[str | int, ...],
    points: int = 40,
    level: float | None = None,
    centre: Centre = "box",
    resolution: float | None = None,
) -> MeasuredPoints:
    """M points of a low-resolution structure.

    Parameters
    ----------
    density : Map
        The map.
    key : tuple
        What the random draws belong to.
    points : int
        M.
    level : float, optional
        Contour level: voxels above it are the specimen. Found by itself if not given.
    centre : str
        "box": the middle voxel n // 2 is the centre of the images' boxes; "header": the header's origin already
        counts from there.
    resolution : float, optional
        What the map resolves (in Å). Four voxels by default.

    Raises
    ------
    ImageError
        If no voxel is above the level.
    """
    values = density.values.astype(np.float64)
    level = float(values.mean() + 3 * values.std()) if level is None else level
    inside = values > level
    if not inside.any():
        raise ImageError(f"{density.path}: no voxel lies above {level:.3g}; lower the contour level")
    weights = np.where(inside, values, 0.0)
    found = represent(weights, points, numpy_generator(*key))[:, ::-1] * density.voxel
    start = density.origin - (density.centre() if centre == "box" else 0.0)
    resolution = 4 * float(density.voxel.max()) if resolution is None else resolution
    return MeasuredPoints(found + start, 0.225 * resolution, weights, inside, level)
