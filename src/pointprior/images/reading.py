"""Files of images, and of poses that name images, to an `ImageSet`."""

import os
from pathlib import Path

import numpy as np

from pointprior.images import relion
from pointprior.images.errors import ImageError
from pointprior.images.image_set import ImageSet
from pointprior.images.stacks import read_pixels
from pointprior.images.star_files import read_star
from pointprior.images.table import PoseTable


def read_images(path: str | os.PathLike, *, pixel_size: float | None = None, select: str = "all") -> ImageSet:
    """Read images and, where the file has them, their poses.

    Parameters
    ----------
    path : path
        A STAR file of RELION or cisTEM, a .cs file of cryoSPARC, or images alone: MRC stack, SPIDER, PNG, TIFF.
    pixel_size : float, optional
        Width of a pixel (in Å), before what the file says.
    select : str
        "all"; numbers of rows, such as "1,4-6"; or "5 views": the five whose directions differ most.

    Raises
    ------
    ImageError
        If the file cannot be used; the message names file, row and what to do.
    """
    tables = read_star(path)
    particles = relion.particles(tables)
    if particles is None:
        raise ImageError(f"{os.fspath(path)}: no table names images (rlnImageName)")
    return _image_set(relion.pose_table(tables, particles), pixel_size)


def _image_set(table: PoseTable, pixel_size: float | None) -> ImageSet:
    size = table.one_pixel_size(pixel_size)
    pixels = np.concatenate(
        [read_pixels(Path(table.path).parent / s, i[None]) for s, i in zip(table.stacks, table.index, strict=True)]
    )
    shifts = table.shifts * (size if table.shifts_in_pixels else 1.0)
    shifts = shifts + size * table.odd_offset * (np.array(pixels.shape[:0:-1]) % 2)
    return ImageSet(
        pixels=pixels,
        pixel_size=size,
        rotations=table.rotations,
        shifts=shifts,
        names=tuple(f"{i + 1}@{s}" for s, i in zip(table.stacks, table.index, strict=True)),
        numbers=tuple(table.numbers.tolist()),
    )
