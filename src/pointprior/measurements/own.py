"""Images, a map and a known part of one specimen, brought into one frame as `Observations`."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints
from pointprior.measurements.observations import Observation, Observations

EXTENT = 2.2  # largest coordinate over the radius of gyration


@dataclass(frozen=True)
class Frame:
    """Where the cube [-1, 1]³ lies in the images' frame, whose origin is the centre of their boxes.

    Attributes
    ----------
    center : ndarray, shape=(3,)
        The cube's centre (in Å): the specimen's, as the measurements have it.
    scale : float
        Ångströms per unit of the cube.
    """

    center: Float[np.ndarray, "3"]
    scale: float

    def to_angstrom(self, points: Float[np.ndarray, "*batch N 3"]) -> Float[np.ndarray, "*batch N 3"]:
        """Points of the cube in the images' frame (in Å)."""
        return np.asarray(points, dtype=np.float64) * self.scale + self.center

    def to_cube(self, points: Float[np.ndarray, "*batch N 3"]) -> Float[np.ndarray, "*batch N 3"]:
        """Points of the images' frame (in Å) in units of the cube."""
        return (np.asarray(points, dtype=np.float64) - self.center) / self.scale


@dataclass(frozen=True)
class OwnMeasurements:
    """Measurements of one's own specimen, ready for a method.

    Attributes
    ----------
    observations : Observations
        One per image, in their order; then the map, then the part, where there are.
    frame : Frame
        Takes models back to Å.
    """

    observations: Observations
    frame: Frame


def combine(
    images: Sequence[MeasuredPoints] = (),
    rotations: Float[np.ndarray, "n 3 3"] | None = None,
    *,
    low_resolution: MeasuredPoints | None = None,
    part: Float[np.ndarray, "L 3"] | None = None,
    points: int = 1024,
    seed: int = 0,
) -> OwnMeasurements:
    """Measurements of one specimen in the cube that methods work in.

    Parameters
    ----------
    images : sequence of MeasuredPoints
        Points of every image.
    rotations : ndarray, shape=(n, 3, 3)
        Their poses, as in `ImageSet`.
    low_resolution : MeasuredPoints, optional
        Points of a map.
    part : ndarray, shape=(L, 3), optional
        Points of a known part (in Å, in the images' frame).
    points : int
        N, points of a model.
    seed : int
        Of the random draws.

    Raises
    ------
    ImageError
        If there is nothing to combine, or images have no poses.
    """
    if len(images) and rotations is None:
        raise ImageError("the images have no poses; give a STAR or .cs file of a 3D refinement or classification")
    views = np.zeros((0, 3, 3)) if rotations is None else rotations
    frame = _frame(images, views, low_resolution)
    items = [
        Observation.projection(
            (seen.points - frame.center @ rotation[:, :2]) / frame.scale, rotation, noise=seen.deviation / frame.scale
        )
        for seen, rotation in zip(images, views, strict=True)
    ]
    if low_resolution is not None:
        items.append(Observation.low_resolution(frame.to_cube(low_resolution.points)))
    if part is not None:
        items.append(Observation.subunit(frame.to_cube(part)))
    return OwnMeasurements(Observations.combine(items, points=points, seed=seed), frame)


def _frame(
    images: Sequence[MeasuredPoints], rotations: Float[np.ndarray, "n 3 3"], low_resolution: MeasuredPoints | None
) -> Frame:
    """Centre and scale of the cube from first and second moments of all measured points."""
    seen = [(image.points, rotation[:, :2]) for image, rotation in zip(images, rotations, strict=True)]
    if low_resolution is not None:
        seen.append((low_resolution.points, np.eye(3)))
    views = np.concatenate([view.T for _, view in seen])  # (sum d, 3)
    means = np.concatenate([points.mean(axis=0) for points, _ in seen])
    center = np.linalg.lstsq(views, means, rcond=None)[0]
    variance = float(np.mean([points.var(axis=0).mean() for points, _ in seen]))  # per coordinate
    return Frame(center, EXTENT * np.sqrt(3 * variance))
