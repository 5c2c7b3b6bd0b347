"""An image to the points that stand for its density."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints
from pointprior.images.quantisation import represent
from pointprior.runtime.seeding import numpy_generator

Contrast = Literal["white", "black"]


def points_of_image(
    image: Float[np.ndarray, "h w"],
    pixel_size: float,
    *,
    key: tuple[str | int, ...],
    points: int = 1024,
    shift: Float[np.ndarray, "2"] | tuple[float, float] = (0.0, 0.0),
    contrast: Contrast = "white",
    resolution: float | None = None,
    threshold: float | None = None,
    name: str = "image",
) -> MeasuredPoints:
    """M points that represent the density of a projection.

    Parameters
    ----------
    image : ndarray, shape=(h, w)
        Values, rows along y.
    pixel_size : float
        Width of a pixel (in Å).
    key : tuple
        What the random draws belong to.
    points : int
        M.
    shift : ndarray, shape=(2,)
        Where the specimen's centre lies in the image, as in `ImageSet.shifts` (in Å).
    contrast : str
        "white": the specimen is brighter than its surroundings; "black": darker.
    resolution : float, optional
        What the image resolves (in Å): finer detail is smoothed away. Four pixels by default.
    threshold : float, optional
        Values above it, in the image smoothed so, are the specimen; found by itself if not given.
    name : str
        What messages call the image.

    Raises
    ------
    ImageError
        If nothing stands out from the background.
    """
    resolution = 4 * pixel_size if resolution is None else resolution
    signed = np.asarray(image, dtype=np.float64) * (1 if contrast == "white" else -1)
    level = float(np.median(signed) + np.ptp(signed) * 0.1) if threshold is None else threshold
    inside = signed > level
    if not inside.any():
        raise ImageError(f"{name}: no pixel lies above {level:.3g}; the image is empty, or the threshold too high")
    density = np.where(inside, signed - level, 0.0)
    found = represent(density, points, numpy_generator(*key))
    middle = np.array(image.shape)[::-1] // 2
    return MeasuredPoints(
        points=(found[:, ::-1] - middle) * pixel_size - np.asarray(shift),
        deviation=0.225 * resolution,
        density=density,
        inside=inside,
        level=level,
    )
