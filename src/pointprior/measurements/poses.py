"""Corrections to the poses of projections, held by whoever reconstructs: each sample may believe its own."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.measurements.observations import Observation


@dataclass(frozen=True)
class Poses:
    """How every sample's poses differ from the given ones; the arrays are changed in place.

    Sample s sees observation k as ``x @ frame_k @ rotation(turns[s, k])``, of which the first two coordinates are the
    image's, and its targets lie ``shifts[s, k]`` from where the given pose puts them. Only projections have poses that
    may be wrong; the entries of other observations stay zero.

    Attributes
    ----------
    turns : ndarray, shape=(S, K, 3)
        Rotation vectors (in radians) about the image's axes; the third is the direction of view.
    shifts : ndarray, shape=(S, K, 2)
        Where the specimen's centre lies in the image, from the given place (in units of the cube).
    """

    turns: Float[np.ndarray, "S K 3"]
    shifts: Float[np.ndarray, "S K 2"]

    @classmethod
    def as_given(cls, samples: int, observations: int) -> "Poses":
        """No corrections."""
        return cls(np.zeros((samples, observations, 3)), np.zeros((samples, observations, 2)))

    def of(self, chosen: range) -> "Poses":
        """Those of some samples: the same memory, so that what is changed there is changed here."""
        part = slice(chosen.start, chosen.stop)
        return Poses(self.turns[part], self.shifts[part])

    def views(self, k: int, observation: Observation) -> Float[np.ndarray, "S 3 d"]:
        """Through which view every sample sees the k-th observation."""
        if not has_pose(observation):
            return np.repeat(observation.view[None].astype(np.float64), len(self.turns), axis=0)
        return (frame(observation) @ rotations(self.turns[:, k]))[:, :, :2]

    def targets(self, k: int, observation: Observation) -> Float[np.ndarray, "S M d"]:
        """Where the k-th observation's targets lie for every sample, in the frame of its view."""
        moved = np.repeat(observation.targets[None].astype(np.float64), len(self.turns), axis=0)
        return moved - self.shifts[:, k, None] if has_pose(observation) else moved


def has_pose(observation: Observation) -> bool:
    """Whether an observation is an image, whose pose may be a little wrong."""
    return observation.view.shape[1] == 2


def frame(observation: Observation) -> Float[np.ndarray, "3 3"]:
    """The whole rotation of a projection: its view's two columns, and the direction they look along."""
    view = observation.view.astype(np.float64)
    return np.column_stack([view, np.cross(view[:, 0], view[:, 1])])


def rotations(turns: Float[np.ndarray, "S 3"]) -> Float[np.ndarray, "S 3 3"]:
    """Rotation matrices of rotation vectors, for coordinates in rows: x is seen as x @ matrix."""
    from scipy.spatial.transform import Rotation  # slow to import

    return Rotation.from_rotvec(turns).as_matrix()
