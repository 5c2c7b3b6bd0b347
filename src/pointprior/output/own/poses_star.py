"""Poses as a STAR file that RELION 3.1 and later read."""

import os

import gemmi
import numpy as np
from jaxtyping import Float

from pointprior.images.image_set import ImageSet
from pointprior.images.poses import to_euler
from pointprior.images.relion import ODD_OFFSET
from pointprior.runtime.files import atomic_write


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
            loop.add_row([name, *(f"{value:.6f}" for value in (*angles, *origin)), "1"])
    with atomic_write(path) as temporary:
        temporary.write_text(document.as_string())


def _add_optics(document: gemmi.cif.Document, images: ImageSet | None) -> None:
    loop = document.add_new_block("optics").init_loop(
        "_rln", ["OpticsGroup", "OpticsGroupName", "ImagePixelSize", "ImageSize", "ImageDimensionality"]
    )
    if images is not None:
        loop.add_row(["1", "opticsGroup1", f"{images.pixel_size:.6f}", str(images.pixels.shape[1]), "2"])
