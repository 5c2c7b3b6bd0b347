"""Poses of images from a reference map: the direction, turn and shift in which its projection looks most like each.

Coarse first, over all directions, turns and shifts (by Fourier transform), then the best few candidates refined. The
answer is only as good as the reference: images that show something else get a pose, too, one that makes them look as
like it as they can. So each comes with its correlation, and with that of the best pose elsewhere.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy import fft
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from pointprior.images.errors import ImageError
from pointprior.images.image_set import ImageSet
from pointprior.images.maps import Map
from pointprior.images.projection import project_map
from pointprior.images.specimen import SIGMA

STEP = 10.0  # degrees between directions, and between turns in the plane
PIXELS = 0.4  # of the resolution: a coarse pixel
FEWEST = 8  # coarse pixels across: on fewer, everything looks alike
CANDIDATES = 3  # that are refined
SEARCH = {"maxfev": 150, "xatol": 0.01, "fatol": 1e-5}
ELSEWHERE = 30.0  # degrees from the best pose
UNSURE = 0.8  # of what the best pose elsewhere leaves unexplained: a pose that leaves more is not to be believed


@dataclass(frozen=True)
class MatchedPoses:
    """Poses of images from a reference.

    Attributes
    ----------
    images : ImageSet
        The images with their poses.
    correlation : ndarray, shape=(n,)
        Of every image with the reference's projection, at the resolution of the match.
    elsewhere : ndarray, shape=(n,)
        The best correlation of the poses that are 30 degrees or more away.
    """

    images: ImageSet
    correlation: Float[np.ndarray, " n"]
    elsewhere: Float[np.ndarray, " n"]

    @property
    def unsure(self) -> list[int]:
        """Images (their places) whose best pose is hardly better than one elsewhere."""
        return np.flatnonzero(1 - self.correlation > UNSURE * (1 - self.elsewhere)).tolist()


def match_poses(images: ImageSet, density: Map, *, resolution: float, contrast: str = "white") -> MatchedPoses:
    """Find the pose of every image in a reference map.

    Parameters
    ----------
    images : ImageSet
        Images; poses that they have are forgotten.
    density : Map
        The reference; its middle voxel becomes the centre of the boxes.
    resolution : float
        Detail finer than this (in Å) is left out: 20 to 40 Å for class averages.
    contrast : str
        "white" or "black" particles.

    Raises
    ------
    ImageError
        If the images are too small to show anything at that resolution, or nothing of the reference lies in them.
    """
    size, pixel = _grid(images, resolution)
    reference = _coarse_map(density, size, pixel, resolution)
    directions = _directions()
    projections = _normal(project_map(reference, directions, shape=(size, size), pixel_size=pixel))
    sign = 1.0 if contrast == "white" else -1.0
    found = [
        _pose(
            sign * _coarse_image(image, images.pixel_size, size, pixel, resolution), reference, directions, projections
        )
        for image in images.pixels
    ]
    rotations, shifts, best, second = (np.array(values) for values in zip(*found, strict=True))
    posed = replace(images, rotations=rotations, shifts=shifts)
    return MatchedPoses(posed, best, second)


def _grid(images: ImageSet, resolution: float) -> tuple[int, float]:
    """Size and pixel of the coarse images."""
    pixel = max(PIXELS * resolution, images.pixel_size)
    width = min(images.pixels.shape[1:]) * images.pixel_size
    size = int(np.floor(width / pixel))
    if size < FEWEST:
        raise ImageError(
            f"at a `reference_resolution` of {resolution:.4g} Å, images {width:.4g} Å wide have {size} pixels across: "
            f"fewer than {FEWEST} show no pose; give {width / (FEWEST * PIXELS):.3g} Å or less, or larger boxes"
        )
    return size, pixel


def _coarse_image(
    image: Float[np.ndarray, "h w"], fine: float, size: int, pixel: float, resolution: float
) -> Float[np.ndarray, "s s"]:
    smooth = gaussian_filter(image.astype(np.float64), SIGMA * resolution / fine)
    along = (np.arange(size) - size // 2) * pixel / fine
    places = np.meshgrid(along + image.shape[0] // 2, along + image.shape[1] // 2, indexing="ij")
    return map_coordinates(smooth, places, order=1, mode="nearest")


def _coarse_map(density: Map, size: int, pixel: float, resolution: float) -> Map:
    smooth = gaussian_filter(density.values.astype(np.float64), SIGMA * resolution / density.voxel[::-1])
    along = (np.arange(size) - size // 2) * pixel
    middle = np.array(smooth.shape) // 2
    places = np.meshgrid(*(along / v + m for v, m in zip(density.voxel[::-1], middle, strict=True)), indexing="ij")
    values = map_coordinates(smooth, places, order=1).astype(np.float32)
    if not values.any():
        raise ImageError(
            f"{density.path}: nothing of it lies within {size * pixel / 2:.4g} Å of its middle, which is what the "
            "images show; give a reference whose specimen is in the middle of its box"
        )
    return Map(values, np.full(3, pixel), np.zeros(3), density.path)


def _directions() -> Float[np.ndarray, "k 3 3"]:
    """Rotations whose viewing directions are spread evenly over the sphere (Fibonacci's lattice)."""
    count = round(4 * np.pi / np.radians(STEP) ** 2)
    place = np.arange(count) + 0.5
    tilt, turn = np.arccos(1 - 2 * place / count), np.pi * (1 + np.sqrt(5)) * place
    return Rotation.from_euler("ZY", np.stack([turn, tilt], axis=1)).as_matrix()


def _normal(images: Float[np.ndarray, "*n s s"]) -> Float[np.ndarray, "*n s s"]:
    """Images of mean zero and norm one; constant ones, in which a reference is not seen, are zero."""
    centred = images - images.mean(axis=(-2, -1), keepdims=True)
    norm = np.linalg.norm(centred, axis=(-2, -1), keepdims=True)
    return centred / np.where(norm > 0, norm, 1.0)


def _pose(
    image: Float[np.ndarray, "s s"],
    reference: Map,
    directions: Float[np.ndarray, "k 3 3"],
    projections: Float[np.ndarray, "k s s"],
) -> tuple[Float[np.ndarray, "3 3"], Float[np.ndarray, "2"], float, float]:
    """Rotation, shift (in Å), correlation, and the best correlation elsewhere of one image."""
    turns = np.radians(np.arange(0, 360, STEP))
    scores, moves = _scan(image, projections, turns)
    rotations = directions[:, None] @ Rotation.from_euler("z", turns[:, None]).as_matrix()
    left, candidates = scores.copy(), []
    for _ in range(CANDIDATES):
        place = np.unravel_index(left.argmax(), left.shape)
        if not np.isfinite(left[place]):
            break
        candidates.append(_refined(image, reference, rotations[place], moves[place]))
        left[_apart(rotations, rotations[place]) < ELSEWHERE / 2] = -np.inf
    candidates.sort(key=lambda each: -each[2])
    rotation, shift, best = candidates[0]
    others = [score for turned, _, score in candidates[1:] if _apart(turned[None], rotation)[0] >= ELSEWHERE]
    coarse = scores[_apart(rotations, rotation) >= ELSEWHERE].max()
    return rotation, shift * reference.voxel[:2], best, float(max([*others, coarse]))


def _scan(
    image: Float[np.ndarray, "s s"], projections: Float[np.ndarray, "k s s"], turns: Float[np.ndarray, " t"]
) -> tuple[Float[np.ndarray, "k t"], Float[np.ndarray, "k t 2"]]:
    """Best correlation over shifts, and that shift (in pixels), for every direction and turn."""
    size = len(image)
    spectra = np.conj(fft.rfft2(projections))
    scores, moves = np.empty((len(projections), len(turns))), np.empty((len(projections), len(turns), 2))
    for place, turn in enumerate(turns):
        plane = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        upright = _normal(_turned(image, plane))
        found = fft.irfft2(fft.rfft2(upright) * spectra, s=(size, size)).reshape(len(projections), -1)
        scores[:, place] = found.max(axis=1)
        rows, columns = np.unravel_index(found.argmax(axis=1), (size, size))
        shift = (np.stack([columns, rows], axis=1) + size // 2) % size - size // 2
        moves[:, place] = shift @ plane.T
    return scores, moves


def _turned(image: Float[np.ndarray, "s s"], plane: Float[np.ndarray, "2 2"]) -> Float[np.ndarray, "s s"]:
    """The image as it looks before the turn: at q, its value at plane @ q."""
    along = np.arange(len(image)) - len(image) // 2
    y, x = np.meshgrid(along, along, indexing="ij")
    places = np.stack([x, y], axis=-1) @ plane.T + len(image) // 2
    return map_coordinates(image, [places[..., 1], places[..., 0]], order=1, mode="nearest")


def _apart(rotations: Float[np.ndarray, "*n 3 3"], other: Float[np.ndarray, "3 3"]) -> Float[np.ndarray, "*n"]:
    """Angles (in degrees) between rotations and another."""
    trace = np.einsum("...ij,ij->...", rotations, other)
    return np.degrees(np.arccos(np.clip((trace - 1) / 2, -1, 1)))


def _refined(
    image: Float[np.ndarray, "s s"], reference: Map, rotation: Float[np.ndarray, "3 3"], shift: Float[np.ndarray, "2"]
) -> tuple[Float[np.ndarray, "3 3"], Float[np.ndarray, "2"], float]:
    """The best pose near one: rotation, shift (in pixels) and correlation."""
    wanted, pixel = _normal(image), float(reference.voxel[0])
    unit = np.radians(STEP / 2)  # of the turn; of the shift, a pixel

    def posed(change):
        turned = rotation @ Rotation.from_rotvec(unit * change[:3]).as_matrix()
        return turned, shift + change[3:]

    def loss(change):
        turned, moved = posed(change)
        seen = project_map(reference, turned[None], shape=image.shape, pixel_size=pixel, shifts=pixel * moved[None])[0]
        return -float((_normal(seen) * wanted).sum())

    simplex = np.concatenate([np.zeros((1, 5)), np.eye(5)])
    found = minimize(loss, np.zeros(5), method="Nelder-Mead", options=SEARCH | {"initial_simplex": simplex})
    return (*posed(found.x), -float(found.fun))
