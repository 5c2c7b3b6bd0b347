"""Which bead is seen at every pixel of a picture, and how near to the viewer its surface is there."""

from typing import no_type_check

import numba
import numpy as np
from jaxtyping import Float, Int

NONE = -1  # where there is no bead
STEPS = 16  # of depth, in a pixel
INDEX_BITS = 32


def depth_buffer(
    seen: Float[np.ndarray, "n 3"],  # to the right, up and towards the viewer, in pixels from the picture's centre
    bead: float,  # radius, in pixels
    size: int,  # pixels per side
) -> tuple[Int[np.ndarray, "size size"], Float[np.ndarray, "size size"], Float[np.ndarray, "covered 3"]]:
    """Nearest bead at every pixel (-1: none), depth of its surface (in pixels), and normals where there is one."""
    row = np.floor(size / 2 - seen[:, 1]).astype(np.int64)
    column = np.floor(size / 2 + seen[:, 0]).astype(np.int64)
    height = seen[:, 2] - seen[:, 2].min(initial=np.inf)
    nearest = np.full((size, size), NONE, dtype=np.int64)
    _cover(nearest, row, column, height, *_half_ball(bead))
    owner = np.where(nearest >= 0, nearest & (2**INDEX_BITS - 1), NONE)
    depth = np.where(nearest >= 0, (nearest >> INDEX_BITS) / STEPS, 0.0)
    rows, columns = np.nonzero(owner >= 0)
    bead_at = owner[rows, columns]
    across, up = (columns - column[bead_at]) / bead, (row[bead_at] - rows) / bead
    normal = np.stack([across, up, np.sqrt(np.clip(1 - across**2 - up**2, 0, 1))], axis=-1)
    return owner, depth, normal


def _half_ball(bead: float) -> tuple[Int[np.ndarray, " k"], Int[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """The pixels of a bead, down and to the right of its centre, and how far towards the viewer its surface is."""
    reach = int(np.ceil(bead))
    down, right = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    rest = bead**2 - down**2 - right**2
    inside = rest >= 0
    return down[inside], right[inside], np.sqrt(rest[inside])


@numba.njit(cache=True)
@no_type_check  # tests check this module's functions, and a checking wrapper cannot be compiled
def _cover(nearest, row, column, height, down, right, bulge):
    """Keep at every pixel the largest integer: depth in steps, then the bead's index."""
    size = len(nearest)
    for bead in range(len(row)):
        for pixel in range(len(down)):
            r, c = row[bead] + down[pixel], column[bead] + right[pixel]
            if 0 <= r < size and 0 <= c < size:
                steps = np.int64((height[bead] + bulge[pixel]) * STEPS)
                nearest[r, c] = max(nearest[r, c], (steps << INDEX_BITS) | bead)
