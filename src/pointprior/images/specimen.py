"""Where the specimen is in an image or a map: its background, what stands out of it, and what looks wrong."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter, label

SIGMA = 1 / (np.pi * np.sqrt(2))  # of the Gaussian that smooths to a resolution, in resolutions
BORDER = 0.88  # of the inscribed circle's radius: what lies beyond is background
ABOVE_NOISE, ABOVE_NOTHING = 3.0, 0.05  # least height of the specimen: in standard deviations, of the 99th percentile
ISLAND = 0.02  # of the largest piece's mass: what has less is noise
FAINT = 6.0  # standard deviations of the smoothed background: a peak below this may be noise


@dataclass(frozen=True)
class Specimen:
    """What of an image was taken for the specimen.

    Attributes
    ----------
    density : ndarray
        Smoothed values over the background, zero outside of the specimen.
    inside : ndarray, dtype=bool
        Where the specimen is.
    level : float
        Threshold, in units of the values given.
    remarks : tuple of str
        What a person should look at.
    """

    density: Float[np.ndarray, "*grid"]
    inside: Bool[np.ndarray, "*grid"]
    level: float
    remarks: tuple[str, ...]


def find_specimen(
    values: Float[np.ndarray, "*grid"], *, resolution: float, outline: float, level: float | None = None
) -> Specimen:
    """Find the specimen, positive on a background, in an image or a map.

    Parameters
    ----------
    values : ndarray
        Pixels or voxels; the specimen is higher than the background.
    resolution : float
        Detail finer than this is smoothed away in the density (in pixels).
    outline : float
        The same for the threshold (in pixels): coarser, so that the outline does not follow the noise.
    level : float, optional
        Values above it are the specimen. By default, those that stand out of the background's noise.
    """
    edge = _edge(values.shape)
    background = float(np.median(values[edge]))
    coarse = gaussian_filter(values - background, SIGMA * outline)
    noise = 1.4826 * float(np.median(np.abs(coarse[edge] - np.median(coarse[edge]))))
    height = _height(coarse, noise) if level is None else level - background
    inside = _pieces(np.where(coarse > height, coarse, 0.0))
    fine = gaussian_filter(values - background, SIGMA * resolution)
    return Specimen(
        density=np.where(inside, np.maximum(fine, 0.0), 0.0),
        inside=inside,
        level=background + height,
        remarks=_remarks(coarse, inside, abs(height), noise),
    )


def _edge(shape: tuple[int, ...]) -> Bool[np.ndarray, "*grid"]:
    """What lies near the border of the inscribed circle or sphere, and beyond."""
    axes = np.meshgrid(*(np.arange(size) - size // 2 for size in shape), indexing="ij")
    return np.sqrt(sum(axis**2 for axis in axes)) >= BORDER * min(shape) / 2


def _height(coarse: Float[np.ndarray, "*grid"], noise: float) -> float:
    return max(ABOVE_NOISE * noise, ABOVE_NOTHING * float(np.percentile(coarse, 99)), 0.0)


def _pieces(high: Float[np.ndarray, "*grid"]) -> Bool[np.ndarray, "*grid"]:
    """The connected pieces that hold a fair share of the mass."""
    labels, _ = label(high > 0)
    mass = np.bincount(labels.ravel(), high.ravel())
    large = (mass >= ISLAND * mass.max()) & (mass > 0)
    return large[labels]


def _remarks(
    coarse: Float[np.ndarray, "*grid"], inside: Bool[np.ndarray, "*grid"], height: float, noise: float
) -> tuple[str, ...]:
    remarks = []
    if -coarse[coarse < -height].sum() > coarse[coarse > height].sum():
        remarks.append("CONTRAST LOOKS INVERTED: more is darker than the background than is brighter; see `contrast`")
    if noise and coarse[inside].max(initial=0.0) < FAINT * noise:
        remarks.append("nothing stands out clearly from the background: is there a specimen?")
    if any(np.take(inside, [0, -1], axis=axis).any() for axis in range(inside.ndim)):
        remarks.append("the specimen reaches the border of the box: what lies beyond is missing; see `threshold`")
    return tuple(remarks)
