"""What an image or a map measures: points, how sure each is, and what was taken for the specimen."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float


@dataclass(frozen=True)
class MeasuredPoints:
    """M points that represent the density of an image (d = 2) or a map (d = 3).

    Attributes
    ----------
    points : ndarray, shape=(M, d)
        Positions (x, y, z; in Å) from the centre of the specimen's box.
    deviation : float
        Standard deviation of a coordinate that the resolution of the density gives (in Å).
    density : ndarray
        The density that the points represent, specimen positive, background zero; for images in rows (y, x), for maps
        in sections (z, y, x).
    inside : ndarray, dtype=bool
        Which pixels or voxels were taken for the specimen.
    level : float
        Threshold or contour level that was used, in units of the file's values (after a change of sign, if the
        particles are black).
    remarks : tuple of str
        What a person should look at: inverted contrast, a density that is cut off by the border.
    """

    points: Float[np.ndarray, "M d"]
    deviation: float
    density: Float[np.ndarray, "*grid"]
    inside: Bool[np.ndarray, "*grid"]
    level: float
    remarks: tuple[str, ...] = ()
