"""Random rotations, with and without mirror images."""

from typing import Literal

import numpy as np
from jaxtyping import Float

RotationGroup = Literal["SO3", "O3"]  # SO(3): rotations (molecules have a hand); O(3): mirror images too (shapes)


def random_rotations(n: int, group: str, generator: np.random.Generator) -> Float[np.ndarray, "n 3 3"]:
    """Draw matrices uniformly from a rotation group.

    Parameters
    ----------
    n : int
        Number of matrices.
    group : str
        "SO3" or "O3" (see `RotationGroup`).
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

    if group not in ("SO3", "O3"):
        raise ValueError(f"unknown group of rotations {group!r}; choose SO3 or O3")
    matrices = Rotation.random(n, rng=generator).as_matrix()
    if group == "O3":
        matrices *= generator.choice([-1.0, 1.0], size=(n, 1, 1))
    return matrices
