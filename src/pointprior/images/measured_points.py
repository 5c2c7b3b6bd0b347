"""What an image or a map measures: points, how sure each is, and what was taken for the specimen."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from pointprior.images.quantisation import represent
from pointprior.images.specimen import SIGMA, Specimen

# A density blurred by σ, represented by points that are matched to the true ones, is off by a quarter of σ: only where
# it changes does blurring move mass. 0.24 to 0.27 in `benchmarks/image_points.py`, from 10 to 30 Å
MOVED = 0.25


@dataclass(frozen=True)
class MeasuredPoints:
    """M points that represent the density of an image (d = 2) or a map (d = 3), each for an equal share of it.

    Attributes
    ----------
    points : ndarray, shape=(M, d)
        Positions (x, y, z; in Å) from the centre of the specimen's box.
    blur : float
        Standard deviation of a point's coordinate that the resolution of the density brings (in Å).
    cell : float
        The same of the mass that a point stands for about it (in Å).
    density : ndarray
        The density that the points represent, specimen positive, background zero; for images in rows (y, x), for maps
        in sections (z, y, x).
    inside : ndarray, dtype=bool
        Which pixels or voxels were taken for the specimen.
    size : ndarray, shape=(d,)
        Width of a pixel or voxel along x, y(, z), in Å.
    origin : ndarray, shape=(d,)
        Position (x, y(, z); in Å) of the middle of the first pixel or voxel.
    level : float
        Threshold or contour level that was used, in units of the file's values (after a change of sign, if the
        particles are black).
    remarks : tuple of str
        What a person should look at: inverted contrast, a density that is cut off by the border.
    """

    points: Float[np.ndarray, "M d"]
    blur: float
    cell: float
    density: Float[np.ndarray, "*grid"]
    inside: Bool[np.ndarray, "*grid"]
    size: Float[np.ndarray, " d"]
    origin: Float[np.ndarray, " d"]
    level: float
    remarks: tuple[str, ...] = ()

    @property
    def deviation(self) -> float:
        """Standard deviation of a point's coordinate about the true ones that it stands for (in Å)."""
        return float(np.hypot(self.blur, self.cell))

    def covers(self, positions: Float[np.ndarray, "n d"]) -> Bool[np.ndarray, " n"]:
        """Whether positions (in Å, as `points`) lie in pixels or voxels that were taken for the specimen."""
        index = np.rint((positions - self.origin) / self.size).astype(np.int64)[:, ::-1]
        shape = np.array(self.inside.shape)
        within = ((index >= 0) & (index < shape)).all(axis=1)
        return within & self.inside[tuple(np.clip(index, 0, shape - 1).T)]


def measure(
    specimen: Specimen,
    points: int,
    *,
    size: Float[np.ndarray, " d"],  # of a pixel or voxel along x, y(, z), in Å
    origin: Float[np.ndarray, " d"],  # position of the middle of the first pixel or voxel, in Å
    resolution: float,  # in Å
) -> MeasuredPoints:
    """Points for what was found to be the specimen."""
    found, cell = represent(specimen.density, points)
    return MeasuredPoints(
        points=found[:, ::-1] * size + origin,
        blur=MOVED * SIGMA * resolution * float(np.sqrt(2)),  # its own blur, and as much again to quench noise
        cell=cell * float(np.mean(size)),
        density=specimen.density,
        inside=specimen.inside,
        size=size,
        origin=origin,
        level=specimen.level,
        remarks=specimen.remarks,
    )
