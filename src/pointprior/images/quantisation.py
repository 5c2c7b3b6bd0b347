"""M points that stand for a density on a grid, each for an equal share of it.

`bisection` halves the mass again and again across its longest direction, and puts a point into the middle of every
part. So all points stand for the same mass, as the matching takes them. (k-means and Lloyd's stippling do not:
where the density is twice as high, they put √2 times as many points; plain draws leave the shares to chance.)
`benchmarks/image_points.py` compares them.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import binary_dilation, map_coordinates

CELLS = 16  # of the grid for each point, at least: finer grids move points by less than a tenth of their spacing


def represent(density: Float[np.ndarray, "*grid"], points: int) -> tuple[Float[np.ndarray, "M d"], float]:
    """M points that represent a density.

    Parameters
    ----------
    density : ndarray
        Not negative, not all zero, on a grid of two or three dimensions.
    points : int
        M.

    Returns
    -------
    points : ndarray, shape=(M, d)
        In units of the grid, the middle of cell (0, 0) at the origin; coordinates in the order of the grid's axes.
    deviation : float
        Root mean square distance, per coordinate, of the mass from the points that stand for it.

    Examples
    --------
    >>> points, _ = represent(np.ones((8, 8)), 4)
    >>> sorted(np.round(points, 6).tolist())
    [[1.5, 1.5], [1.5, 5.5], [5.5, 1.5], [5.5, 5.5]]
    """
    places, mass = _cells(np.asarray(density, dtype=np.float64), points)
    parts = _bisected(places, mass, points)
    middles = np.stack([np.average(places, axis=0, weights=mass) for places, mass in parts])
    spread = sum(
        float(mass @ ((places - middle) ** 2).sum(axis=1))
        for (places, mass), middle in zip(parts, middles, strict=True)
    )
    return middles, float(np.sqrt(spread / mass.sum() / places.shape[1]))


def _cells(
    density: Float[np.ndarray, "*grid"], points: int
) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
    """Places and masses of the grid's cells, each cut into finer ones where points would be too close."""
    factor = int(np.ceil((CELLS * points / np.count_nonzero(density)) ** (1 / density.ndim)))
    if factor == 1:
        filled = np.nonzero(density)
        return np.stack(filled, axis=1).astype(np.float64), density[filled]
    fine = _cut(density, factor)
    mass = map_coordinates(density, ((fine + 0.5) * (1 / factor) - 0.5).T, order=1, mode="nearest")
    return (fine[mass != 0] + 0.5) / factor - 0.5, mass[mass != 0]


def _cut(density: Float[np.ndarray, "*grid"], factor: int) -> Int[np.ndarray, "n d"]:
    """Places in a finer grid of its cells in and beside filled ones, in the order of the grid.

    Elsewhere the finer grid is empty, and in a large box it would take gigabytes.
    """
    near = np.argwhere(binary_dilation(density != 0, np.ones([3] * density.ndim)))
    within = np.argwhere(np.ones([factor] * density.ndim))
    fine = (factor * near[:, None] + within).reshape(-1, density.ndim)
    return fine[np.argsort(np.ravel_multi_index(fine.T, [factor * size for size in density.shape]))]


def _bisected(
    places: Float[np.ndarray, "n d"], mass: Float[np.ndarray, " n"], points: int
) -> list[tuple[Float[np.ndarray, "k d"], Float[np.ndarray, " k"]]]:
    """Parts of equal mass; a cell across a cut belongs to both sides, with a share of its mass."""
    if points == 1:
        return [(places, mass)]
    centred = places - np.average(places, axis=0, weights=mass)
    along = centred @ np.linalg.eigh((centred.T * mass) @ centred)[1][:, -1]
    order = np.argsort(along, kind="stable")
    places, mass = places[order], mass[order]
    few = points // 2
    summed = np.cumsum(mass)
    cut = summed[-1] * few / points
    last = int(np.searchsorted(summed, cut))
    left, right = mass[: last + 1].copy(), mass[last:].copy()
    left[-1] -= summed[last] - cut
    right[0] = summed[last] - cut
    return _bisected(places[: last + 1], left, few) + _bisected(places[last:], right, points - few)
