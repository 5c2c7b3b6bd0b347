"""Reconstructions as density maps in the deposit's frame: mean density, localisation density, MRC files.

The grid is that of ChimeraX's `molmap`: Gaussians of σ = resolution / (π √2) = 0.225 × resolution, voxels of
resolution / 3, and 3 × resolution of room around the points. Samples are taken where they are. The poses of the
measurements fix their frame, so superposing them would hide what the data leave open, and shift the maps off
the deposit.
"""

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass

import mrcfile
import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import map_coordinates

from pointprior.runtime.files import atomic_write

SIGMA = 1 / (np.pi * np.sqrt(2))  # of a point's Gaussian, in resolutions: its transform is 1/e at 1 / resolution
RESOLVED = 2.0  # default resolution in units of the point spacing: nothing finer may be claimed
VOXEL = 1 / 3  # in units of the resolution
PADDING = 3.0  # around the points, in units of the resolution
CUTOFF = 5.0  # in σ: beyond it a Gaussian is below 4 × 10⁻⁶ of its height
MOST_VOXELS = 2**28  # 645³, a file of 1 GiB
OCCUPIED = 0.5  # a point occupies the voxels within this distance, in units of the resolution
LABELS, LABEL = 10, 80  # an MRC header holds so many labels of so many characters


@dataclass(frozen=True)
class DensityMap:
    """Values on a cubic grid.

    Attributes
    ----------
    values : ndarray, shape=(nx, ny, nz), dtype=float32
        Value at every grid point, the first index along x.
    origin : ndarray, shape=(3,)
        Position of grid point (0, 0, 0) in the deposit's frame (in Å), a whole number of voxels on each axis.
    voxel : float
        Distance of neighbouring grid points (in Å).
    """

    values: Float[np.ndarray, "nx ny nz"]
    origin: Float[np.ndarray, "3"]
    voxel: float

    def at(self, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, " n"]:
        """Values at positions (in Å), linear between grid points, zero outside."""
        return map_coordinates(self.values, ((points - self.origin) / self.voxel).T, order=1, mode="constant")


def mean_density(samples: Float[np.ndarray, "S N 3"], resolution: float) -> DensityMap:
    """Mean over the samples of their density, one Gaussian per point (points per Å³; it integrates to N).

    Parameters
    ----------
    samples : ndarray, shape=(S, N, 3)
        Points of all samples in one frame (in Å).
    resolution : float
        Resolution (in Å); the Gaussians have σ = 0.225 × resolution.
    """
    grid = _grid_around(samples, resolution)
    sigma = SIGMA * resolution
    height = (2 * np.pi * sigma**2) ** -1.5 / len(samples)
    x, y, z = (_profile(samples[..., axis].reshape(-1), grid, axis, sigma) for axis in range(3))
    # a Gaussian is the product of its profiles: a plane is a matrix product over the points that reach it
    for plane, there in zip(grid.values, x.T, strict=True):
        near = there > 0
        plane[:] = (height * there[near] * y[near].T) @ z[near]
    return grid


def _profile(
    coordinates: Float[np.ndarray, " n"], grid: DensityMap, axis: int, sigma: float
) -> Float[np.ndarray, "n voxels"]:
    """Gaussians of height 1 about coordinates, at the grid's planes along an axis; zero beyond the cutoff."""
    planes = grid.origin[axis] + grid.voxel * np.arange(grid.values.shape[axis])
    distance = (planes - coordinates[:, None]) / sigma
    return np.where(np.abs(distance) <= CUTOFF, np.exp(-(distance**2) / 2), 0).astype(np.float32)


def localisation_density(samples: Float[np.ndarray, "S N 3"], resolution: float) -> DensityMap:
    """Share of the samples that have a point within half the resolution of each voxel's centre.

    This is the localisation density of integrative models (the space that is occupied over multiple models)
    as a probability: 1 where all samples agree that there is matter, 0 where all agree that there is none.

    Parameters
    ----------
    samples : ndarray, shape=(S, N, 3)
        Points of all samples in one frame (in Å).
    resolution : float
        Resolution (in Å).
    """
    grid = _grid_around(samples, resolution)
    counts = grid.values.reshape(-1)  # of samples: small whole numbers, exact in float32
    for points in samples:
        index, _ = _neighbourhoods(points, grid, OCCUPIED * resolution)
        counts[np.unique(index)] += 1
    counts /= len(samples)
    return grid


def contour_level(density: DensityMap, points: Float[np.ndarray, "n 3"], share: float = 0.9) -> float:
    """Level whose surface holds the given share of points (in Å)."""
    return float(np.quantile(density.at(points), 1 - share))


def _grid_around(samples: Float[np.ndarray, "S N 3"], resolution: float) -> DensityMap:
    """An empty grid on whole multiples of the voxel, with room around all points; its size is checked first."""
    if not (np.isfinite(resolution) and resolution > 0):
        raise ValueError(f"a map needs a resolution above 0 Å, not {resolution}")
    if not np.isfinite(samples).all():
        raise ValueError("points that are not finite have no density")
    voxel, room = VOXEL * resolution, PADDING * resolution
    low, high = samples.min(axis=(0, 1)).astype(np.float64), samples.max(axis=(0, 1)).astype(np.float64)
    first, last = np.floor((low - room) / voxel), np.ceil((high + room) / voxel)
    shape = last - first + 1
    voxels = math.prod(shape.tolist())
    if not voxels <= MOST_VOXELS:
        extent = " x ".join(f"{length:.4g}" for length in high - low)
        raise ValueError(
            f"points that span {extent} Å need {voxels:.3g} voxels of {voxel:.3g} Å; a map has at most "
            f"{MOST_VOXELS:.3g}. Ask for a coarser resolution than "
            f"{resolution:.3g} Å, or see why points lie so far apart"
        )
    return DensityMap(np.zeros(shape.astype(np.int64), dtype=np.float32), first * voxel, voxel)


def _neighbourhoods(
    points: Float[np.ndarray, "N 3"], grid: DensityMap, distance: float
) -> tuple[Int[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]]:
    """All pairs of a point and a voxel within a distance: the voxel's flat index, the squared distance."""
    reach = int(np.ceil(distance / grid.voxel + 0.5))  # from the voxel nearest to the point
    steps = np.arange(-reach, reach + 1)
    offsets = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    places = (points - grid.origin) / grid.voxel
    nearest = np.rint(places).astype(np.int64)
    voxels = nearest[:, None] + offsets  # (N, offsets, 3)
    squared = (((voxels - places[:, None]) * grid.voxel) ** 2).sum(axis=-1)
    near = squared <= distance**2
    return np.ravel_multi_index(tuple(voxels[near].T), grid.values.shape), squared[near]


def write_map(path: str | os.PathLike, density: DensityMap, labels: Sequence[str]) -> None:
    """Write a map as an MRC2014 file, whole or not at all.

    The origin stands in the header twice, as ORIGIN (in Å: ChimeraX, PyMOL) and as NSTART (in voxels: gemmi,
    Coot); programs read one of them, and both say the same.

    Parameters
    ----------
    labels : sequence of str
        What the map holds, at most ten lines of at most 80 ASCII characters.
    """
    for label in labels:
        if len(label) > LABEL or not label.isascii():
            raise ValueError(f"an MRC label has at most {LABEL} ASCII characters: {label!r}")
    if len(labels) > LABELS:
        raise ValueError(f"an MRC file has at most {LABELS} labels, not {len(labels)}")
    with atomic_write(path) as temporary, mrcfile.new(temporary, overwrite=True) as file:
        file.set_data(np.ascontiguousarray(density.values.T, dtype=np.float32))  # sections of rows along x
        file.set_volume()
        file.voxel_size = density.voxel
        file.header.origin = tuple(density.origin)
        file.nstart = tuple(np.rint(density.origin / density.voxel).astype(np.int64).tolist())
        file.header.label[:] = b""  # mrcfile's own label holds the time
        file.header.label[: len(labels)] = [label.encode() for label in labels]
        file.header.nlabl = len(labels)


def read_map(path: str | os.PathLike) -> DensityMap:
    """Read a map that `write_map` wrote."""
    with mrcfile.open(path) as file:
        origin = np.array([file.header.origin[axis] for axis in "xyz"], dtype=np.float64)
        return DensityMap(file.data.T.copy(), origin, float(file.voxel_size.x))
