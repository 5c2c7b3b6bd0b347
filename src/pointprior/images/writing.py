"""Images and poses as files that RELION 3.1 and later read: a STAR file, and the stack that it names."""

import os
from dataclasses import replace
from pathlib import Path

import gemmi
import mrcfile
import numpy as np
from jaxtyping import Float

from pointprior.images.image_set import ImageSet
from pointprior.images.poses import to_euler
from pointprior.images.relion import ODD_OFFSET
from pointprior.runtime.files import atomic_write


def write_images(path: str | os.PathLike, images: ImageSet) -> None:
    """Write images with their poses: a STAR file, and beside it a stack of the same name; each whole or not at all.

    Parameters
    ----------
    path : path
        The STAR file, such as "classes.star"; its stack is "classes.mrcs".
    images : ImageSet
        The images.

    Raises
    ------
    ValueError
        If the images have no poses.
    """
    if images.rotations is None:
        raise ValueError(f"{os.fspath(path)}: the images have no poses to write")
    stack = Path(path).with_suffix(".mrcs")
    with atomic_write(stack) as temporary, mrcfile.new(temporary, overwrite=True) as file:
        file.set_data(images.pixels.astype(np.float32))
        file.set_image_stack()
        file.voxel_size = images.pixel_size
        file.header.label[:] = b""  # mrcfile's own label holds the time
        file.header.nlabl = 0
    named = replace(images, names=tuple(f"{k:06d}@{stack.name}" for k in range(1, len(images) + 1)))
    write_poses(path, named, images.rotations, images.shifts)


def write_poses(
    path: str | os.PathLike,
    images: ImageSet | None,
    rotations: Float[np.ndarray, "n 3 3"],
    shifts: Float[np.ndarray, "n 2"],
) -> None:
    """Write poses, with the images' names as their own file has them, whole or not at all.

    Parameters
    ----------
    path : path
        File to write.
    images : ImageSet or None
        The images; without any the table has no rows.
    rotations, shifts : ndarray
        Poses, as in `ImageSet` (shifts in Å).
    """
    document = gemmi.cif.Document()
    _add_optics(document, images)
    loop = document.add_new_block("particles").init_loop(
        "_rln",
        ["ImageName", "AngleRot", "AngleTilt", "AnglePsi", "OriginXAngst", "OriginYAngst", "OpticsGroup"],
    )
    if images is not None:
        offset = images.pixel_size * ODD_OFFSET * (np.array(images.pixels.shape[:0:-1]) % 2)
        for name, angles, origin in zip(images.names, to_euler(rotations), offset - shifts, strict=True):
            loop.add_row([gemmi.cif.quote(name), *(f"{value:.6f}" for value in (*angles, *origin)), "1"])
    with atomic_write(path) as temporary:
        temporary.write_text(document.as_string())


def _add_optics(document: gemmi.cif.Document, images: ImageSet | None) -> None:
    loop = document.add_new_block("optics").init_loop(
        "_rln", ["OpticsGroup", "OpticsGroupName", "ImagePixelSize", "ImageSize", "ImageDimensionality"]
    )
    if images is not None:
        loop.add_row(["1", "opticsGroup1", f"{images.pixel_size:.6f}", str(images.pixels.shape[1]), "2"])
