"""The cube that methods work in, laid around a specimen that is known only by its measurements."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

# A cloud's scale is its largest coordinate along x, y and z. Seen along many directions, its largest coordinates have
# that, on average over rotations, as this quantile (the median of the largest of three); within 3 % on six complexes
OF_THREE = 0.8
TURNS = 36  # directions within an image


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


def common_center(seen: list[tuple[np.ndarray, np.ndarray]]) -> tuple[Float[np.ndarray, "3"], float]:
    """The centre (in Å) that fits the means of all measured points best, and by how much they miss it.

    Parameters
    ----------
    seen : list of (points, view)
        Measured points (M, d), in Å, of a specimen `x` seen as `x @ view`.

    Returns
    -------
    center : ndarray, shape=(3,)
        Least squares; zero along a direction that nothing shows.
    miss : float
        Root mean square distance of the means from it, per coordinate (in Å).
    """
    views = np.concatenate([view.T for _, view in seen])  # (sum of d, 3)
    means = np.concatenate([points.mean(axis=0) for points, _ in seen])
    center = np.linalg.lstsq(views, means, rcond=None)[0]
    return center, float(np.sqrt(np.mean((views @ center - means) ** 2)))


def estimated_scale(seen: list[tuple[np.ndarray, np.ndarray]], center: Float[np.ndarray, "3"]) -> float:
    """Ångströms per unit of a cube that holds the specimen, from how far it reaches in all that is seen of it."""
    reaches = []
    for points, view in seen:
        angle = np.linspace(0, np.pi, TURNS, endpoint=False)
        plane = np.stack([np.cos(angle), np.sin(angle)])  # (2, TURNS)
        pairs = [(0, 1)] if points.shape[1] == 2 else [(0, 1), (0, 2), (1, 2)]
        centred = points - center @ view
        reaches += [np.abs(centred[:, pair] @ plane).max(axis=0) for pair in pairs]
    return float(np.quantile(np.concatenate(reaches), OF_THREE))
