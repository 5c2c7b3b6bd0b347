"""A shape as the archive stores it: points on a surface with their normals and part labels."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer


@dataclass(frozen=True)
class RawShape:
    """Points on the surface of one object, in the archive's frame (y up) and units.

    Attributes
    ----------
    points : ndarray, shape=(n, 3)
        Positions.
    normals : ndarray, shape=(n, 3)
        Unit vectors outward from the surface.
    labels : ndarray, shape=(n,)
        Part that each point belongs to; parts are numbered over all categories.
    """

    points: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    labels: Integer[np.ndarray, " n"]
