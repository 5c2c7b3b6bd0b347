"""RELION's STAR files: versions 2, 3.0 (one table), 3.1 and 5 (optics groups beside the particles)."""

import numpy as np
from jaxtyping import Float, Int

from pointprior.images.errors import ImageError
from pointprior.images.poses import from_euler, refuse_radians
from pointprior.images.star_files import StarTable
from pointprior.images.table import PoseTable

IMAGE, ANGLES = "rlnImageName", ("rlnAngleRot", "rlnAngleTilt", "rlnAnglePsi")
ORIGINS_ANGSTROM, ORIGINS_PIXELS = ("rlnOriginXAngst", "rlnOriginYAngst"), ("rlnOriginX", "rlnOriginY")
# RELION's own projections in boxes of 65 pixels are centred on pixel 33, those of 64 pixels on pixel 32 (from 0 on)
ODD_OFFSET = 1


def particles(tables: list[StarTable]) -> StarTable | None:
    """The table that names RELION's images, if there is one."""
    return next((table for table in tables if IMAGE in table), None)


def pose_table(tables: list[StarTable], table: StarTable) -> PoseTable:
    """Rows of a RELION file.

    Raises
    ------
    ImageError
        If an image's name, a number or an optics group is amiss.
    """
    index, stacks = _names(table)
    shifts, in_pixels = _shifts(table)
    return PoseTable(
        path=table.path,
        stacks=stacks,
        index=index,
        pixel_size=_pixel_sizes(tables, table),
        rotations=_rotations(table),
        shifts=shifts,
        shifts_in_pixels=in_pixels,
        numbers=np.arange(1, len(table) + 1),
        odd_offset=ODD_OFFSET,
    )


def _names(table: StarTable) -> tuple[Int[np.ndarray, " n"], tuple[str, ...]]:
    """Place in the stack (from 0 on) and stack of "3@classes.mrcs"; a name without @ is a file of one image."""
    split = [name.partition("@") if "@" in name else ("", "", name) for name in table.columns[IMAGE]]
    for row, (number, at, _) in enumerate(split, start=1):
        if at and not (number.isdigit() and int(number) > 0):
            raise ImageError(f"{table.path}: row {row}: {IMAGE} {number + at!r} does not count an image from 1 on")
    return np.array([int(number or 1) - 1 for number, _, _ in split], dtype=np.int64), tuple(
        stack for _, _, stack in split
    )


def _rotations(table: StarTable) -> Float[np.ndarray, "n 3 3"] | None:
    present = [name for name in ANGLES if name in table]
    if not present:
        return None
    if len(present) < len(ANGLES):
        absent = ", ".join(sorted(set(ANGLES) - set(present)))
        raise ImageError(f"{table.path}: has {', '.join(present)} but no {absent}; a pose needs all three angles")
    angles = np.stack([table.numbers(name) for name in ANGLES], axis=1)
    refuse_radians(angles, table.path)
    return from_euler(*angles.T)


def _shifts(table: StarTable) -> tuple[Float[np.ndarray, "n 2"], bool]:
    """Minus the origins: what RELION would shift the image by to bring the specimen to its middle."""
    for names, in_pixels in ((ORIGINS_ANGSTROM, False), (ORIGINS_PIXELS, True)):
        if all(name in table for name in names):
            return -np.stack([table.numbers(name) for name in names], axis=1), in_pixels
    return np.zeros((len(table), 2)), False


def _pixel_sizes(tables: list[StarTable], table: StarTable) -> Float[np.ndarray, " n"]:
    """Pixel size of every row (in Å), from its optics group or from detector and magnification; nan where unknown."""
    optics = next((other for other in tables if "rlnImagePixelSize" in other and other is not table), None)
    if optics is not None:
        return _of_groups(optics, table)
    if "rlnImagePixelSize" in table:
        return table.numbers("rlnImagePixelSize")
    if "rlnDetectorPixelSize" in table and "rlnMagnification" in table:
        return table.numbers("rlnDetectorPixelSize") * 1e4 / table.numbers("rlnMagnification")  # from µm
    return np.full(len(table), np.nan)


def _of_groups(optics: StarTable, table: StarTable) -> Float[np.ndarray, " n"]:
    sizes = optics.numbers("rlnImagePixelSize")
    if "rlnOpticsGroup" not in table:
        if len(sizes) > 1:
            raise ImageError(
                f"{table.path}: {len(sizes)} optics groups, but no column rlnOpticsGroup says whose is whose"
            )
        return np.full(len(table), sizes[0])
    size_of = dict(zip(optics.columns["rlnOpticsGroup"], sizes, strict=True))
    groups = table.columns["rlnOpticsGroup"]
    for row, group in enumerate(groups, start=1):
        if group not in size_of:
            raise ImageError(f"{table.path}: row {row} is of optics group {group}, which the table of optics lacks")
    return np.array([size_of[group] for group in groups])
