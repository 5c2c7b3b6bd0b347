"""M points that stand for a density on a grid, each for an equal share of it."""

import numpy as np
from jaxtyping import Float

METHODS = ("draws",)


def represent(
    density: Float[np.ndarray, "*grid"], points: int, generator: np.random.Generator, *, method: str = "draws"
) -> Float[np.ndarray, "M d"]:
    """M points that represent a density.

    Parameters
    ----------
    density : ndarray
        Not negative, on a grid of two or three dimensions.
    points : int
        How many.

    Returns
    -------
    ndarray, shape=(M, d)
        In units of the grid, the middle of cell (0, 0) at the origin; coordinates in the order of the grid's axes.
    """
    share = density.ravel() / density.sum()
    cells = generator.choice(len(share), size=points, p=share)
    within = generator.uniform(-0.5, 0.5, size=(points, density.ndim))
    return np.stack(np.unravel_index(cells, density.shape), axis=1) + within
