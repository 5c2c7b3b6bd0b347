"""cisTEM's STAR files: Euler angles as RELION's under other names, shifts in Å that point the other way."""

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError
from pointprior.images.poses import from_euler, refuse_radians
from pointprior.images.star_files import StarTable
from pointprior.images.table import PoseTable

POSITION, STACK, PIXEL = "cisTEMPositionInStack", "cisTEMStackFilename", "cisTEMPixelSize"
ANGLES, SHIFTS = ("cisTEMAnglePhi", "cisTEMAngleTheta", "cisTEMAnglePsi"), ("cisTEMXShift", "cisTEMYShift")


def particles(tables: list[StarTable]) -> StarTable | None:
    """The table that counts cisTEM's images, if there is one."""
    return next((table for table in tables if POSITION in table), None)


def pose_table(table: StarTable, stack: str | None) -> PoseTable:
    """Rows of a cisTEM file; `stack` has the images where the file does not name theirs.

    cisTEM's own export to RELION negates its shifts: they say where the particle is, not how to bring it back.

    Raises
    ------
    ImageError
        If a number is amiss, or no stack is known.
    """
    position = table.numbers(POSITION)
    if stack is None and STACK not in table:
        raise ImageError(f"{table.path}: names no file of images ({STACK}); give `stack`, the file that has them")
    names = tuple(name.strip("'\"") for name in table.columns[STACK]) if STACK in table else (str(stack),) * len(table)
    found = [name for name in SHIFTS if name in table]
    shifts = (
        np.stack([table.numbers(name) for name in SHIFTS], axis=1) if len(found) == 2 else np.zeros((len(table), 2))
    )
    return PoseTable(
        path=table.path,
        stacks=names,
        index=position.astype(np.int64) - 1,
        pixel_size=table.numbers(PIXEL) if PIXEL in table else np.full(len(table), np.nan),
        rotations=_rotations(table),
        shifts=shifts,
        shifts_in_pixels=False,
        numbers=np.arange(1, len(table) + 1),
    )


def _rotations(table: StarTable) -> Float[np.ndarray, "n 3 3"] | None:
    """Poses, where all three angles are there: a 2D classification has only psi."""
    if not all(name in table for name in ANGLES):
        return None
    angles = np.stack([table.numbers(name) for name in ANGLES], axis=1)
    refuse_radians(angles, table.path)
    return from_euler(*angles.T)
