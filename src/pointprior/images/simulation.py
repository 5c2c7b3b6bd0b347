"""Images of known structures: what tests and measurements of the way from images to models begin with."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import gaussian_filter

from pointprior.images.image_set import ImageSet
from pointprior.images.specimen import SIGMA


def simulate_images(
    atoms: Float[np.ndarray, "n 3"],
    rotations: Float[np.ndarray, "k 3 3"],
    *,
    size: int,
    pixel_size: float,
    resolution: float,
    snr: float | int = np.inf,
    shifts: Float[np.ndarray, "k 2"] | None = None,
    generator: np.random.Generator,
) -> ImageSet:
    """Class averages of atoms: projected, blurred to a resolution, with white noise, without a CTF.

    Parameters
    ----------
    atoms : ndarray, shape=(n, 3)
        Positions (in Å) from the centre of the box; all of equal mass.
    rotations, shifts : ndarray
        Poses, as in `ImageSet`.
    size : int
        Width and height of the images (in pixels).
    pixel_size, resolution : float
        In Å.
    snr : float
        Variance of the image without noise over that of the noise.
    generator : numpy.random.Generator
        Source of the noise.
    """
    shifts = np.zeros((len(rotations), 2)) if shifts is None else shifts
    images = np.stack(
        [
            _image((atoms @ rotation)[:, :2] + shift, size, pixel_size, resolution)
            for rotation, shift in zip(rotations, shifts, strict=True)
        ]
    )
    deviation = np.sqrt(images.var(axis=(1, 2), keepdims=True) / snr)
    noisy = images + deviation * generator.standard_normal(images.shape)
    names = tuple(f"{number}@simulated" for number in range(1, len(images) + 1))
    numbers = tuple(range(1, len(images) + 1))
    return ImageSet(noisy.astype(np.float32), pixel_size, rotations, shifts, names, numbers)


def _image(
    places: Float[np.ndarray, "n 2"], size: int, pixel_size: float, resolution: float
) -> Float[np.ndarray, "h w"]:
    """Density of projected atoms: counted in pixels of half the width, so that counting blurs little, then smoothed."""
    fine = (places / pixel_size + size // 2 + 0.5) * 2  # from the corner of the box
    counted, _, _ = np.histogram2d(fine[:, 1], fine[:, 0], bins=2 * size, range=[[0, 2 * size]] * 2)
    smooth = gaussian_filter(counted, SIGMA * resolution / pixel_size * 2)
    return smooth.reshape(size, 2, size, 2).sum(axis=(1, 3))
