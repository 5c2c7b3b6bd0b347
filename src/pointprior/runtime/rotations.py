"""Random rotations, with and without mirror images."""

from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

# SO(3): rotations (molecules have a hand); O(3): mirror images too (shapes); none: what has a known pose stays in it
RotationGroup = Literal["none", "SO3", "O3"]


def random_rotations(n: int, group: str, generator: np.random.Generator) -> Float[np.ndarray, "n 3 3"]:
    """Draw matrices uniformly from a rotation group.

    Parameters
    ----------
    n : int
        Number of matrices.
    group : str
        "SO3", "O3", or "none" for identities (see `RotationGroup`).
    generator : numpy.random.Generator
        Source of the random numbers.

    Raises
    ------
    ValueError
        If there is no such group.

    Examples
    --------
    >>> matrices = random_rotations(100, "SO3", np.random.default_rng(0))
    >>> bool(np.allclose(np.linalg.det(matrices), 1))
    True
    """
    from scipy.spatial.transform import Rotation  # slow to import, and settings only need the names above

    if group not in get_args(RotationGroup):
        raise ValueError(f"unknown group of rotations {group!r}; choose one of {', '.join(get_args(RotationGroup))}")
    if group == "none":
        return np.tile(np.eye(3), (n, 1, 1))
    matrices = Rotation.random(n, rng=generator).as_matrix()
    if group == "O3":
        matrices *= generator.choice([-1.0, 1.0], size=(n, 1, 1))
    return matrices
