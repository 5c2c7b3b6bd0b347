"""Which images of a file: all, by number, or those whose directions differ most."""

import re

import numpy as np
from jaxtyping import Float, Int

from pointprior.images.errors import ImageError

MOST = 200  # images: class averages are few, particles are not what this is for
STARTS = 64  # directions that a selection of views is begun from


def chosen_rows(
    select: str, rotations: Float[np.ndarray, "n 3 3"] | None, rows: int, path: str
) -> Int[np.ndarray, " k"]:
    """Rows (from 0 on) that "all", "1,4-6" (from 1 on) or "5 views" choose.

    Raises
    ------
    ImageError
        If the words are not understood, a number is none of the file's, or more than MOST images are asked for.
    """
    views = re.fullmatch(r"\s*(\d+)\s+views?\s*", select)
    if select.strip() == "all":
        chosen = np.arange(rows)
    elif views:
        chosen = _views(int(views[1]), rotations, path)
    else:
        chosen = _numbers(select, rows, path)
    if len(chosen) > MOST:
        raise ImageError(
            f"{path}: {len(chosen)} images are asked for, and {MOST} are the most. A few class averages suffice: "
            'select some, as "1,4-6" or "12 views" (those whose directions differ most)'
        )
    return chosen


def _numbers(select: str, rows: int, path: str) -> Int[np.ndarray, " k"]:
    chosen: list[int] = []
    for part in select.split(","):
        span = re.fullmatch(r"\s*(\d+)\s*(?:-\s*(\d+)\s*)?", part)
        if span is None:
            raise ImageError(f'select is {select!r}; write "all", numbers such as "1,4-6", or "5 views"')
        first, last = int(span[1]), int(span[2] or span[1])
        if not 1 <= first <= last <= rows:
            raise ImageError(f"{path}: has images 1 to {rows}; {part.strip()!r} is none of them")
        chosen += range(first - 1, last)
    return np.array(list(dict.fromkeys(chosen)), dtype=np.int64)


def _views(count: int, rotations: Float[np.ndarray, "n 3 3"] | None, path: str) -> Int[np.ndarray, " k"]:
    if rotations is None:
        raise ImageError(f"{path}: has no poses, so no views to choose from; select images by number")
    if not 1 <= count <= len(rotations):
        raise ImageError(f"{path}: has {len(rotations)} images; {count} views cannot be chosen")
    return np.sort(different_views(rotations, count))


def different_views(rotations: Float[np.ndarray, "n 3 3"], count: int) -> Int[np.ndarray, " k"]:
    """Rows whose viewing directions differ most: the least angle between two of them is as large as greed finds it.

    Opposite directions show the same projection, mirrored, and count as one.
    """
    directions = rotations[:, :, 2]
    starts = np.linspace(0, len(directions) - 1, min(STARTS, len(directions))).astype(np.int64)
    found = [_farthest(directions, int(start), count) for start in starts]
    return max(found, key=lambda each: each[1])[0]


def _farthest(directions: Float[np.ndarray, "n 3"], start: int, count: int) -> tuple[Int[np.ndarray, " k"], float]:
    """From one direction on, always the one farthest from all chosen; with minus the last cosine."""
    chosen, cosine, worst = [start], np.abs(directions @ directions[start]), 0.0
    for _ in range(count - 1):
        nearest = cosine.copy()
        nearest[chosen] = np.inf
        chosen.append(int(nearest.argmin()))
        worst = float(nearest[chosen[-1]])
        cosine = np.maximum(cosine, np.abs(directions @ directions[chosen[-1]]))
    return np.array(chosen), -worst
