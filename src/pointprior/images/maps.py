"""Density maps (MRC, CCP4) to the points of a low-resolution structure."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints, measure
from pointprior.images.specimen import SIGMA, find_specimen
from pointprior.images.stacks import mrc_file

Centre = Literal["box", "header"]
RESOLUTION = 3.0  # default, in voxels
FEWEST, MOST = 20, 256  # points by default


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

    def centre(self, which: str = "box") -> Float[np.ndarray, "3"]:
        """Where the images' boxes have their centre, in the header's frame (in Å).

        Parameters
        ----------
        which : str
            "box": in the map's middle voxel, n // 2; "header": at the origin of the header's frame.
        """
        if which not in ("box", "header"):
            raise ImageError(f"the centre of a map is that of its box or of its header, not {which!r}")
        return np.zeros(3) if which == "header" else self.origin + self.voxel * (np.array(self.values.shape[::-1]) // 2)


def read_density(path: str | os.PathLike, *, voxel_size: float | None = None) -> Map:
    """Read a map, compressed (.gz, .bz2) or not, its axes brought to sections, rows, columns.

    Parameters
    ----------
    path : path
        MRC or CCP4 file.
    voxel_size : float, optional
        Size of a voxel (in Å), before what the header says.

    Raises
    ------
    ImageError
        If the file is no map, is truncated or empty, or its voxel size is neither stated nor given.
    """
    origin = os.fspath(path)
    if Path(origin).suffix.lower() == ".mrcs":
        raise ImageError(f"{origin}: is a stack of images by its name; a map is a volume (.mrc, .map)")
    with mrc_file(origin) as file:
        header, data = file.header, np.asarray(file.data)
        if data.ndim != 3 or min(data.shape) < 2:
            raise ImageError(f"{origin}: holds no volume but {' × '.join(map(str, data.shape))} values")
        order = _axes(header, origin)
        stated = np.array([float(file.voxel_size[axis]) for axis in "xyz"])
        values = np.ascontiguousarray(data.transpose(order), dtype=np.float32)
        start = np.array([float(header[f"n{axis}start"]) for axis in ("x", "y", "z")])
        first = np.array([float(header.origin[axis]) for axis in "xyz"])
    voxel = stated if voxel_size is None else np.full(3, float(voxel_size))
    if not (voxel > 0).all():
        raise ImageError(f"{origin}: the header states no voxel size; give `voxel_size` (in Å)")
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise ImageError(f"{origin}: the map is empty, or has voxels that are no numbers")
    # NSTART counts along columns, rows, sections: to x, y, z
    along = np.array([start[{1: 0, 2: 1, 3: 2}[axis]] for axis in np.argsort(_correspondence(header)) + 1])
    return Map(values, voxel, first if first.any() else along * voxel, origin)


def _correspondence(header) -> list[int]:
    """Axis (1 to 3 for x to z) of columns, rows and sections."""
    return [int(header.mapc), int(header.mapr), int(header.maps)]


def _axes(header, path: str) -> tuple[int, int, int]:
    """How to transpose data (sections, rows, columns) to (z, y, x)."""
    found = _correspondence(header)
    if found == [0, 0, 0]:
        return (0, 1, 2)  # early files leave it out
    if sorted(found) != [1, 2, 3]:
        raise ImageError(f"{path}: the header says that its axes are {found}, not an order of 1, 2, 3")
    return tuple(2 - found.index(axis) for axis in (3, 2, 1))  # type: ignore[return-value]


def map_of_atoms(atoms: Float[np.ndarray, "n 3"], *, resolution: float, name: str = "atoms") -> Map:
    """Density of atoms of equal mass at a resolution, in a box around their mean: a reference for projection matching.

    Parameters
    ----------
    atoms : ndarray, shape=(n, 3)
        Positions (in Å).
    resolution : float
        In Å; voxels are a quarter of it.
    """
    voxel = resolution / 4
    middle = atoms.mean(axis=0)
    half = int(np.ceil(np.linalg.norm(atoms - middle, axis=1).max() / voxel)) + 4
    size, start = 2 * half, middle - half * voxel
    edges = [np.arange(size + 1) * voxel + begin - voxel / 2 for begin in start[::-1]]
    counted, _ = np.histogramdd(atoms[:, ::-1], bins=edges)
    values = gaussian_filter(counted, SIGMA * resolution / voxel).astype(np.float32)
    return Map(values, np.full(3, voxel), start, name)


def points_of_map(
    density: Map,
    *,
    points: int | None = None,
    level: float | None = None,
    centre: str = "box",
    resolution: float | None = None,
) -> MeasuredPoints:
    """M points of a low-resolution structure, in Å from the centre of the images' boxes.

    Parameters
    ----------
    density : Map
        The map.
    points : int, optional
        M; by default as many as the map's volume has cells of its resolution, from 20 to 256.
    level : float, optional
        Contour level: voxels above it, in the map smoothed to its resolution, are the specimen. By default, those that
        stand out of the noise near the border.
    centre : str
        "box": the middle voxel, n // 2, is the centre of the images' boxes; "header": the header's origin already
        counts from there.
    resolution : float, optional
        What the map resolves (in Å). Three voxels by default.

    Raises
    ------
    ImageError
        If nothing stands out, or no voxel is above the level.
    """
    voxel = float(density.voxel.mean())
    resolution = RESOLUTION * voxel if resolution is None else resolution
    specimen = find_specimen(
        density.values.astype(np.float64), resolution=resolution / voxel, outline=resolution / voxel, level=level
    )
    if not specimen.density.any():
        raise ImageError(f"{density.path}: no voxel is above {specimen.level:.3g}; lower the contour level")
    if points is None:
        cells = np.count_nonzero(specimen.inside) * float(np.prod(density.voxel)) / resolution**3
        points = int(np.clip(round(cells), FEWEST, MOST))
    start = density.origin - density.centre(centre)
    return measure(specimen, points, size=density.voxel, origin=start, resolution=resolution)
