"""A specimen of one's own, simulated: a STAR file, its stack and a map, written without this package."""

from pathlib import Path

import mrcfile
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation

SIZE, PIXEL = 40, 5.0  # pixels a side, Å a pixel
HEAD = """data_optics

loop_
_rlnOpticsGroup #1
_rlnImagePixelSize #2
1 5.0

data_particles

loop_
_rlnImageName #1
_rlnAngleRot #2
_rlnAngleTilt #3
_rlnAnglePsi #4
_rlnOriginXAngst #5
_rlnOriginYAngst #6
_rlnOpticsGroup #7
"""


def specimen(points: int = 96, seed: int = 0) -> np.ndarray:
    """Points (in Å) of a lopsided body about the origin."""
    generator = np.random.default_rng(seed)
    body = generator.normal(size=(points, 3)) * [28, 18, 12]
    body[: points // 4] = generator.normal(size=(points // 4, 3)) * 7 + [34, 20, 8]
    return body - body.mean(axis=0)


def smeared(places: np.ndarray, size: int, dimensions: int) -> np.ndarray:
    """Density of points (x, y, ...; in pixels from the middle one) in a box, axes in the order of files."""
    edges = [np.arange(size + 1) - size // 2 - 0.5] * dimensions
    counts, _ = np.histogramdd(places[:, :dimensions], bins=edges)
    return gaussian_filter(counts.T, 1.2).astype(np.float32)


def write_specimen(folder: Path, *, images: int = 3, seed: int = 0, shift: tuple[float, float] = (0.0, 0.0)) -> Path:
    """Write classes.mrcs, classes.star and map.mrc; give the STAR file. `shift`: RELION's origins (in Å)."""
    body, angles = specimen(seed=seed), np.random.default_rng(seed + 1).uniform(0, 180, size=(images, 3))
    rotations = Rotation.from_euler("ZYZ", angles, degrees=True).as_matrix()
    stack = np.stack([smeared(((body @ rotation)[:, :2] - shift) / PIXEL, SIZE, 2) for rotation in rotations])
    stack += 0.02 * stack.max() * np.random.default_rng(seed + 2).standard_normal(stack.shape).astype(np.float32)
    with mrcfile.new(folder / "classes.mrcs", overwrite=True) as file:
        file.set_data(stack)
        file.set_image_stack()
    rows = [
        f"{k + 1}@classes.mrcs {a:.4f} {b:.4f} {c:.4f} {shift[0]} {shift[1]} 1" for k, (a, b, c) in enumerate(angles)
    ]
    star = folder / "classes.star"
    star.write_text(HEAD + "\n".join(rows) + "\n")
    with mrcfile.new(folder / "map.mrc", overwrite=True) as file:
        file.set_data(smeared(body / PIXEL, SIZE, 3))
        file.voxel_size = PIXEL
    return star
