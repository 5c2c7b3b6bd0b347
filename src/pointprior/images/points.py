"""An image to the points that stand for its density."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.measured_points import MeasuredPoints, measure
from pointprior.images.specimen import find_specimen

Contrast = Literal["white", "black"]
RESOLUTION = 3.0  # default, in pixels
OUTLINE = 0.1  # resolution of the outline, in widths of the image


def points_of_image(
    image: Float[np.ndarray, "h w"],
    pixel_size: float,
    *,
    points: int = 1024,
    shift: Float[np.ndarray, "2"] | tuple[float, float] = (0.0, 0.0),
    contrast: str = "white",
    resolution: float | None = None,
    threshold: float | None = None,
    name: str = "image",
) -> MeasuredPoints:
    """M points that represent the density of a projection.

    Nothing is drawn at random: the same image gives the same points.

    Parameters
    ----------
    image : ndarray, shape=(h, w)
        Values, rows along y.
    pixel_size : float
        Width of a pixel (in Å).
    points : int
        M.
    shift : ndarray, shape=(2,)
        Where the specimen's centre lies in the image, as in `ImageSet.shifts` (in Å).
    contrast : str
        "white": the specimen is brighter than its surroundings; "black": darker.
    resolution : float, optional
        What the image resolves (in Å): finer detail is smoothed away. Three pixels by default.
    threshold : float, optional
        Values above it (below, if black), in the image smoothed to a tenth of its width, are the specimen. By default,
        those that stand out of the noise near the border.
    name : str
        What messages call the image.

    Raises
    ------
    ImageError
        If nothing stands out from the background, or a number makes no sense.
    """
    if contrast not in ("white", "black"):
        raise ImageError(f"contrast is white or black, not {contrast!r}")
    resolution = _positive(RESOLUTION * pixel_size if resolution is None else resolution, "resolution")
    sign = 1.0 if contrast == "white" else -1.0
    specimen = find_specimen(
        sign * np.asarray(image, dtype=np.float64),
        resolution=resolution / pixel_size,
        outline=max(2 * resolution / pixel_size, OUTLINE * min(image.shape)),
        level=None if threshold is None else sign * threshold,
    )
    if not specimen.density.any():
        seen = "; ".join(specimen.remarks) or "the image is empty, or the threshold too high"
        raise ImageError(f"{name}: no specimen is higher than {specimen.level:.3g}: {seen}")
    middle = np.array(image.shape[::-1]) // 2
    return measure(
        specimen,
        points,
        size=np.full(2, float(pixel_size)),
        origin=-middle * pixel_size - np.asarray(shift, dtype=np.float64),
        resolution=resolution,
    )


def _positive(value: float, what: str) -> float:
    if not (np.isfinite(value) and value > 0):
        raise ImageError(f"a {what} is a distance in Å, above 0: not {value}")
    return float(value)
