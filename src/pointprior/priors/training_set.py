"""The clouds that a prior is trained on, and which of them are held out for validation."""

import hashlib
import os
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from pointprior.runtime.files import atomic_write


@dataclass(frozen=True)
class TrainingSet:
    """All clouds of a training set.

    Attributes
    ----------
    points : ndarray, shape=(n, N, 3), dtype=float32
        Clouds, in units of the cube.
    groups : ndarray, shape=(n,), dtype=int
        Number of each cloud's cluster of related structures.
    entries : ndarray, shape=(n,), dtype=str
        Ids of the structures.
    held_out : ndarray, shape=(n,), dtype=bool
        Whether a cloud's cluster is kept for validation; such clouds are not trained on.
    """

    points: Float[np.ndarray, "n N 3"]
    groups: Int[np.ndarray, " n"]
    entries: Shaped[np.ndarray, " n"]
    held_out: Bool[np.ndarray, " n"]

    def save(self, path: str | os.PathLike) -> None:
        """Write the set as an .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez(temporary, points=self.points, groups=self.groups, entries=self.entries, held_out=self.held_out)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "TrainingSet":
        """Read a set that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["points"], stored["groups"], stored["entries"], stored["held_out"])


def is_held_out(cluster: str, one_in: int) -> bool:
    """Whether a cluster is kept for validation: a matter of its name alone, so that a longer list moves none."""
    return one_in > 0 and int(hashlib.sha256(cluster.encode()).hexdigest(), 16) % one_in == 0
