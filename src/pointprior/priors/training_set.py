"""The clouds that a prior is trained on, and which of them are held out for validation."""

import hashlib
import os
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from pointprior.runtime.arrays import load_arrays
from pointprior.runtime.files import atomic_write
from pointprior.runtime.seeding import numpy_generator

REPLAY = "replay.npz"  # in a prior's folder: clouds that it was trained on, or some of them, and held-out ones


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
    counts : ndarray, shape=(n,), dtype=int
        How many of its rows of `points` are a cloud's own, the first ones; all by default.

    Raises
    ------
    ValueError
        If a cloud has no points, or more than there are rows.
    """

    points: Float[np.ndarray, "n N 3"]
    groups: Int[np.ndarray, " n"]
    entries: Shaped[np.ndarray, " n"]
    held_out: Bool[np.ndarray, " n"]
    counts: Int[np.ndarray, " n"] = None  # type: ignore[assignment]  # set below

    def __post_init__(self):
        clouds, rows = self.points.shape[:2]
        counts = np.full(clouds, rows) if self.counts is None else self.counts
        if len(counts) != clouds or (counts < 1).any() or (counts > rows).any():
            raise ValueError(
                f"each of {clouds} clouds must have between 1 and {rows} points, as many as its count says"
            )
        object.__setattr__(self, "counts", counts)

    @property
    def size(self) -> int:
        """Points per cloud where all need the same number: all, or at most 1,024 if their numbers differ."""
        fewest = int(self.counts.min())
        return fewest if fewest == self.counts.max() else min(fewest, 1024)

    def of_one_size(self, index: Int[np.ndarray, " m"]) -> Float[np.ndarray, "m size 3"]:
        """Some of the clouds with the same number of points each, drawn by the cloud's entry where it has more."""
        return np.stack([self._thinned(i) for i in index]) if len(index) else self.points[:0, : self.size]

    def _thinned(self, i: int | np.integer) -> Float[np.ndarray, "size 3"]:
        if self.counts[i] == self.size:
            return self.points[i, : self.size]
        return self.points[i, numpy_generator(str(self.entries[i])).permutation(self.counts[i])[: self.size]]

    def standard_deviation(self) -> float:
        """Of the coordinates of all points."""
        own = np.arange(self.points.shape[1]) < self.counts[:, None]  # (n, N)
        return float(self.points[own].std())

    def save(self, path: str | os.PathLike) -> None:
        """Write the set as an .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez(temporary, **vars(self))

    @classmethod
    def load(cls, path: str | os.PathLike) -> "TrainingSet":
        """Read a set that `save` wrote, or one in half precision; files from before there were `counts` have none.

        Raises
        ------
        ValueError
            If the file holds no set of clouds.
        """
        stored = load_arrays(path, "points", "groups", "entries", "held_out")
        return cls(**{**stored, "points": stored["points"].astype(np.float32)})


def is_held_out(cluster: str, one_in: int) -> bool:
    """Whether a cluster is kept for validation: decided by its name alone, so that a longer list moves none."""
    return one_in > 0 and int(hashlib.sha256(cluster.encode()).hexdigest(), 16) % one_in == 0
