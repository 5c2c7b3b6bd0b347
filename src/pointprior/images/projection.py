"""Projections of a density map, as the images of a set would show it."""

import numpy as np
from jaxtyping import Float
from scipy.ndimage import map_coordinates

from pointprior.images.errors import ImageError
from pointprior.images.image_set import ImageSet
from pointprior.images.maps import Map

MIRROR = np.diag([1.0, 1.0, -1.0])
# by how much another reading must be better to be mentioned; what is less likeness than noise at an SNR of 0.15 leaves
CLEARLY, UNLIKE = 0.1, 0.35
LOOKED_AT = 5  # images


def project_map(
    density: Map,
    rotations: Float[np.ndarray, "n 3 3"],
    *,
    shape: tuple[int, int],
    pixel_size: float,
    shifts: Float[np.ndarray, "n 2"] | None = None,
    centre: str = "box",
) -> Float[np.ndarray, "n h w"]:
    """Line integrals through a map in the images' frame; linear between voxels, zero outside.

    Parameters
    ----------
    density : Map
        The map.
    rotations, shifts : ndarray
        Poses, as in `ImageSet`.
    shape : (int, int)
        Height and width of the images in pixels.
    pixel_size : float
        Width of a pixel (in Å).
    centre : str
        Where the map has the centre of the images' boxes, as in `Map.centre`.

    Returns
    -------
    ndarray, shape=(n, h, w)
        In units of the map's values times Å.
    """
    shifts = np.zeros((len(rotations), 2)) if shifts is None else shifts
    middle = (density.centre(centre) - density.origin) / density.voxel
    step = float(density.voxel.min())
    reach = np.ceil(np.linalg.norm(density.voxel * density.values.shape[::-1]) / 2 / step)
    depth = np.arange(-reach, reach + 1) * step
    rows, columns = ((np.arange(size) - size // 2) * pixel_size for size in shape)
    seen = []
    for rotation, shift in zip(rotations, shifts, strict=True):
        within = depth + (density.centre() - density.centre(centre)) @ rotation[:, 2]  # the map may be off the centre
        y, x, z = np.meshgrid(rows - shift[1], columns - shift[0], within, indexing="ij")
        places = np.stack([x, y, z], axis=-1) @ rotation.T / density.voxel + middle
        seen.append(map_coordinates(density.values, places.T[::-1].transpose(0, 3, 2, 1), order=1).sum(axis=-1) * step)
    return np.stack(seen)


def correlations(first: Float[np.ndarray, "n h w"], second: Float[np.ndarray, "n h w"]) -> Float[np.ndarray, " n"]:
    """Correlation coefficients of images, pair by pair; 0 where one is constant, as a map seen beside the image is."""
    return np.array([_correlation(one, other) for one, other in zip(first, second, strict=True)])


def _correlation(one: Float[np.ndarray, "h w"], other: Float[np.ndarray, "h w"]) -> float:
    if not (np.ptp(one) and np.ptp(other)):
        return 0.0
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def agreement(
    images: ImageSet, density: Map, *, contrast: str = "white", centre: str = "box"
) -> Float[np.ndarray, " n"]:
    """Correlation of every image with the map's projection in its pose: near 1 if poses and map have one frame.

    Raises
    ------
    ImageError
        If the images have no poses.
    """
    if images.rotations is None:
        raise ImageError("images without poses cannot be compared with a map")
    return _agreement(images, images.rotations, density, contrast, centre)


def doubts(images: ImageSet, density: Map, *, contrast: str = "white", centre: str = "box") -> tuple[str, ...]:
    """What is to be said of a map that does not look like the images: another hand, inverted poses, another frame.

    The first few images are looked at.
    """
    images = images.first(LOOKED_AT)
    given = float(agreement(images, density, contrast=contrast, centre=centre).mean())
    assert images.rotations is not None
    others = {
        "of the other hand: mirror it (or use the one that the poses were refined with)": MIRROR @ images.rotations,
        "seen by the inverse rotations: the file's poses are of another convention": images.rotations.transpose(
            0, 2, 1
        ),
    }
    better = {
        words: float(_agreement(images, poses, density, contrast, centre).mean()) for words, poses in others.items()
    }
    words, best = max(better.items(), key=lambda item: item[1])
    if best > given + CLEARLY:
        return (f"the images look like the map {words} (correlation {best:.2f}; as it is {given:.2f})",)
    if given < UNLIKE:
        return (
            f"the images do not look like the map in their poses (correlation {given:.2f}): is it in their frame, at "
            "their scale, of the same contrast?",
        )
    return ()


def _agreement(
    images: ImageSet, rotations: Float[np.ndarray, "n 3 3"], density: Map, contrast: str, centre: str
) -> Float[np.ndarray, " n"]:
    shape = images.pixels.shape[1], images.pixels.shape[2]
    expected = project_map(
        density, rotations, shape=shape, pixel_size=images.pixel_size, shifts=images.shifts, centre=centre
    )
    return correlations(images.pixels.astype(np.float64), expected) * (1 if contrast == "white" else -1)
