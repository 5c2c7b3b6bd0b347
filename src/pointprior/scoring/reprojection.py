"""How well models explain an image: their projection in its pose beside it, real-space and Fourier ring correlation."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy import fft
from scipy.ndimage import binary_dilation, gaussian_filter

SIGMA = 1 / (np.pi * np.sqrt(2))  # of a point's Gaussian, in resolutions, as ChimeraX's molmap has it
MASK = 0.05  # of the projection's largest value: pixels where it is below are no part of the specimen
THRESHOLD = 0.5  # of the Fourier ring correlation between a model and an image
EDGE = 0.1  # of the box over which its border fades, so that it makes no rings of its own


@dataclass(frozen=True)
class Agreement:
    """An image beside the projection of models.

    Attributes
    ----------
    image : ndarray, shape=(h, w)
        The image, specimen bright, smoothed to the resolution of the projection.
    projection : ndarray, shape=(h, w)
        The models' projected density.
    correlation : float
        Pearson's, over the pixels where specimen was measured or is predicted; 0 where the models lie outside.
    frequencies : ndarray, shape=(r,)
        Of the rings (in 1/Å).
    rings : ndarray, shape=(r,)
        Fourier ring correlation of the image as it is and the projection.
    resolved : float
        Resolution (in Å) up to which the ring correlation is 0.5 or more; infinite if the first ring is below.
    """

    image: Float[np.ndarray, "h w"]
    projection: Float[np.ndarray, "h w"]
    correlation: float
    frequencies: Float[np.ndarray, " r"]
    rings: Float[np.ndarray, " r"]
    resolved: float


def reproject(
    models: Float[np.ndarray, "S N 3"],
    rotation: Float[np.ndarray, "S 3 3"],
    shift: Float[np.ndarray, "S 2"],
    *,
    shape: tuple[int, int],
    pixel_size: float,
    resolution: float,
) -> Float[np.ndarray, "h w"]:
    """Mean projection of models as an image: one Gaussian of σ = 0.225 × resolution per point, of mass one in all.

    Parameters
    ----------
    models : ndarray, shape=(S, N, 3)
        Points (in Å, from the centre of the box).
    rotation, shift : ndarray, shape=(S, 3, 3) and (S, 2)
        The pose that every model sees the image in, as in `ImageSet` (shifts in Å).
    shape : tuple
        Rows and columns.
    pixel_size, resolution : float
        In Å.
    """
    places = ((models @ rotation)[:, :, :2] + shift[:, None]).reshape(-1, 2) / pixel_size
    places += np.array(shape[::-1]) // 2
    return gaussian_filter(_deposited(places, shape), SIGMA * resolution / pixel_size, mode="constant")


def _deposited(places: Float[np.ndarray, "n 2"], shape: tuple[int, int]) -> Float[np.ndarray, "h w"]:
    """A mass of one shared by points (x, y), of each by the four pixels around it; what lies outside is lost."""
    whole = np.floor(places).astype(np.int64)
    part = places - whole
    image = np.zeros(shape)
    for corner in np.ndindex(2, 2):
        column, row = (whole + corner).T
        share = np.where(corner, part, 1 - part).prod(axis=1)
        inside = (row >= 0) & (row < shape[0]) & (column >= 0) & (column < shape[1])
        np.add.at(image, (row[inside], column[inside]), share[inside])
    return image / len(places)


def compare(
    image: Float[np.ndarray, "h w"],
    projection: Float[np.ndarray, "h w"],
    inside: Bool[np.ndarray, "h w"],
    *,
    pixel_size: float,
    resolution: float,
) -> Agreement:
    """Set an image beside a projection.

    Parameters
    ----------
    image : ndarray, shape=(h, w)
        The image as it is, specimen bright.
    projection : ndarray, shape=(h, w)
        What `reproject` gave.
    inside : ndarray, shape=(h, w)
        Pixels that were taken for the specimen.
    pixel_size, resolution : float
        In Å; the latter is the projection's.
    """
    smooth = gaussian_filter(np.asarray(image, dtype=np.float64), SIGMA * resolution / pixel_size, mode="nearest")
    where = binary_dilation(inside | (projection > MASK * projection.max()), iterations=2)
    seen = np.ptp(projection[where]) > 0  # or all models lie beside the image, and explain nothing of it
    correlation = float(np.corrcoef(smooth[where], projection[where])[0, 1]) if seen else 0.0
    frequencies, rings = ring_correlation(np.asarray(image, dtype=np.float64), projection, pixel_size)
    return Agreement(smooth, projection, correlation, frequencies, rings, resolved(frequencies, rings))


def ring_correlation(
    a: Float[np.ndarray, "h w"], b: Float[np.ndarray, "h w"], pixel_size: float
) -> tuple[Float[np.ndarray, " r"], Float[np.ndarray, " r"]]:
    """Fourier ring correlation of two images up to Nyquist's frequency, and the frequencies of the rings (1/Å)."""
    window = _window(a.shape)
    first, second = (fft.rfft2((image - image.mean()) * window) for image in (a, b))
    frequency = np.hypot(fft.fftfreq(a.shape[0], pixel_size)[:, None], fft.rfftfreq(a.shape[1], pixel_size)[None])
    width = 1 / (max(a.shape) * pixel_size)
    ring = np.rint(frequency / width).astype(np.int64).ravel()
    last = int(0.5 / (pixel_size * width))
    cross, own, other = (
        np.bincount(ring, terms.ravel())[1 : last + 1]
        for terms in ((first * second.conj()).real, np.abs(first) ** 2, np.abs(second) ** 2)
    )
    tiny = np.finfo(float).tiny
    return width * np.arange(1, last + 1), cross / np.sqrt(np.maximum(own * other, tiny))


def resolved(frequencies: Float[np.ndarray, " r"], rings: Float[np.ndarray, " r"]) -> float:
    """One over the frequency where the ring correlation first falls below one half (in Å), between rings linearly."""
    below = np.flatnonzero(rings < THRESHOLD)
    if not len(below):
        return float(1 / frequencies[-1])
    k = int(below[0])
    if k == 0:
        return float("inf")
    step = (rings[k - 1] - THRESHOLD) / (rings[k - 1] - rings[k])
    return float(1 / (frequencies[k - 1] + step * (frequencies[k] - frequencies[k - 1])))


def _window(shape: tuple[int, ...]) -> Float[np.ndarray, "h w"]:
    """One within the box, falling to zero towards its border."""
    edges = [np.minimum(1, (0.5 - np.abs(np.arange(n) - (n - 1) / 2) / n) / EDGE) for n in shape]
    ramps = [0.5 - 0.5 * np.cos(np.pi * edge) for edge in edges]
    return ramps[0][:, None] * ramps[1][None]
