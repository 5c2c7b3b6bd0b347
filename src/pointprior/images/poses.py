"""Poses as the programs of the field write them, as rotations that act on rows: a specimen `x` is seen as `x @ r`."""

import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError

RADIANS = 2 * np.pi + 0.01  # no angle of many is larger, if they are radians


def from_euler(
    rot: Float[np.ndarray, " n"], tilt: Float[np.ndarray, " n"], psi: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n 3 3"]:
    """Rotations of RELION's and cisTEM's angles (in degrees; intrinsic ZYZ).

    Examples
    --------
    >>> turned = np.array([[1.0, 0.0, 0.0]]) @ from_euler(np.zeros(1), np.zeros(1), np.array([90.0]))[0]
    >>> np.round(turned).tolist()  # the image turns clockwise about the specimen
    [[0.0, -1.0, 0.0]]
    """
    from scipy.spatial.transform import Rotation

    return Rotation.from_euler("ZYZ", np.stack([rot, tilt, psi], axis=1), degrees=True).as_matrix()


def from_axis_angle(vectors: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3 3"]:
    """Rotations of cryoSPARC's rotation vectors (in radians)."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(vectors).as_matrix()


def to_euler(rotations: Float[np.ndarray, "n 3 3"]) -> Float[np.ndarray, "n 3"]:
    """RELION's angles (rot, tilt, psi; in degrees) of rotations: the inverse of `from_euler`."""
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(rotations).as_euler("ZYZ", degrees=True)


def refuse_radians(angles: Float[np.ndarray, "n 3"], path: str) -> None:
    """Refuse angles that are all so small that they cannot be degrees: several images of one pose have no use either.

    Raises
    ------
    ImageError
        If there are several rows, not all of zeros, and no angle above 2π.
    """
    if len(angles) > 1 and angles.any() and (np.abs(angles) < RADIANS).all():
        row = int(np.abs(angles).max(axis=1).argmax())
        raise ImageError(
            f"{path}: no angle of {len(angles)} rows is larger than {np.abs(angles).max():.3g} (row {row + 1}): they "
            "look like radians; write degrees"
        )
