"""Corrections to the poses of images and homologues, held by whoever reconstructs: each sample may believe its own."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.measurements.observations import Observation


@dataclass(frozen=True)
class Poses:
    """How every sample's poses differ from the given ones; the arrays are changed in place.

    Sample s sees observation k as ``x @ frame_k @ rotation(turns[s, k])``, of which an image shows the first two
    coordinates, and its targets lie ``shifts[s, k]`` from where the given pose puts them. Entries of observations
    without a pose stay zero, and so does an image's third shift.

    Attributes
    ----------
    turns : ndarray, shape=(S, K, 3)
        Rotation vectors (in radians) about the axes of what is seen; an image's third is the direction of view.
    shifts : ndarray, shape=(S, K, 3)
        Where the specimen's centre lies in what is seen, from the given place (in units of the cube).
    """

    turns: Float[np.ndarray, "S K 3"]
    shifts: Float[np.ndarray, "S K 3"]

    @classmethod
    def as_given(cls, samples: int, observations: int) -> "Poses":
        """No corrections."""
        return cls(np.zeros((samples, observations, 3)), np.zeros((samples, observations, 3)))

    def of(self, chosen: range) -> "Poses":
        """Those of some samples: the same memory, so that what is changed there is changed here."""
        part = slice(chosen.start, chosen.stop)
        return Poses(self.turns[part], self.shifts[part])

    def views(self, k: int, observation: Observation) -> Float[np.ndarray, "S 3 d"]:
        """Through which view every sample sees the k-th observation."""
        if not observation.has_pose:
            return np.repeat(observation.view[None].astype(np.float64), len(self.turns), axis=0)
        return (frame(observation) @ rotations(self.turns[:, k]))[:, :, : observation.view.shape[1]]

    def targets(self, k: int, observation: Observation) -> Float[np.ndarray, "S M d"]:
        """Where the k-th observation's targets lie for every sample, in the frame of its view."""
        moved = np.repeat(observation.targets[None].astype(np.float64), len(self.turns), axis=0)
        return moved - self.shifts[:, k, None, : moved.shape[2]] if observation.has_pose else moved


def frame(observation: Observation) -> Float[np.ndarray, "3 3"]:
    """The whole rotation of an observation: of an image, its view's two columns and the direction they look along."""
    view = observation.view.astype(np.float64)
    if not observation.is_image:
        return view
    return np.column_stack([view, np.cross(view[:, 0], view[:, 1])])


def rotations(turns: Float[np.ndarray, "S 3"]) -> Float[np.ndarray, "S 3 3"]:
    """Rotation matrices of rotation vectors, for coordinates in rows: x is seen as x @ matrix."""
    from scipy.spatial.transform import Rotation  # slow to import

    return Rotation.from_rotvec(turns).as_matrix()
