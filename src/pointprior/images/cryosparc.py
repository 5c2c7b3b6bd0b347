"""cryoSPARC's .cs files: numpy tables of particles, with poses as rotation vectors and shifts in pixels."""

import os

import numpy as np
from jaxtyping import Float, Shaped

from pointprior.images.errors import ImageError
from pointprior.images.poses import from_axis_angle
from pointprior.images.table import PoseTable

REFINED = "alignments3D"
CLASSES = "alignments_class_"  # of an ab-initio reconstruction: one alignment for each class, from 0 on


def read_cs(path: str | os.PathLike) -> PoseTable:
    """Rows of a .cs file.

    Raises
    ------
    ImageError
        If the file is no table of cryoSPARC, or names no images.
    """
    origin = os.fspath(path)
    table = _load(origin)
    names = table.dtype.names or ()
    if "blob/path" not in names:
        raise ImageError(f"{origin}: names no images (blob/path); give the job's particles, not its passthrough file")
    alignment = _alignment(table, origin)
    shift = _shift(table, alignment)
    return PoseTable(
        path=origin,
        stacks=tuple(name.decode().lstrip(">") for name in table["blob/path"].tolist()),
        index=table["blob/idx"].astype(np.int64),
        pixel_size=table["blob/psize_A"].astype(np.float64) if "blob/psize_A" in names else np.full(len(table), np.nan),
        rotations=None if alignment is None else from_axis_angle(_finite(table, f"{alignment}/pose", origin)),
        shifts=np.zeros((len(table), 2)) if shift is None else -shift,
        shifts_in_pixels=False,
        numbers=np.arange(1, len(table) + 1),
    )


def _load(path: str) -> Shaped[np.ndarray, " n"]:
    try:
        table = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as problem:
        raise ImageError(f"{path}: not a .cs file of cryoSPARC, or a truncated one ({problem})") from problem
    if not isinstance(table, np.ndarray) or table.dtype.names is None:
        raise ImageError(f"{path}: a numpy file, but no table of cryoSPARC")
    return table


def _alignment(table: Shaped[np.ndarray, " n"], path: str) -> str | None:
    """What the poses' columns begin with: those of a refinement, or of the only class of an ab-initio job."""
    names = table.dtype.names or ()
    if f"{REFINED}/pose" in names:
        return REFINED
    classes = sorted(
        name.removesuffix("/pose") for name in names if name.startswith(CLASSES) and name.endswith("/pose")
    )
    if len(classes) > 1:
        raise ImageError(
            f"{path}: has poses in {len(classes)} classes ({', '.join(classes)}); export the particles of one class"
        )
    return classes[0] if classes else None


def _shift(table: Shaped[np.ndarray, " n"], alignment: str | None) -> Float[np.ndarray, "n 2"] | None:
    """Shifts (in Å); their pixels are those of the alignment, which may have been done on reduced images."""
    if alignment is None or f"{alignment}/shift" not in (table.dtype.names or ()):
        return None
    width = f"{alignment}/psize_A" if f"{alignment}/psize_A" in (table.dtype.names or ()) else "blob/psize_A"
    return table[f"{alignment}/shift"].astype(np.float64) * table[width].astype(np.float64)[:, None]


def _finite(table: Shaped[np.ndarray, " n"], name: str, path: str) -> Float[np.ndarray, "n 3"]:
    values = table[name].astype(np.float64)
    lost = ~np.isfinite(values).all(axis=1)
    if lost.any():
        raise ImageError(f"{path}: row {int(lost.argmax()) + 1}: {name} is not finite; drop the row")
    return values
