"""How ShapeNet's part-annotation archive is laid out: what its files are called, and what a shape's file holds.

One folder per synset holds a text file per shape, one row per point; `train_test_split` holds a list per split.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

SPLITS = ("train", "val", "test")
SPLIT_FOLDER = "train_test_split"
SPLIT_FILE = "shuffled_{split}_file_list.json"
PREFIX = "shape_data/"  # of the ids in a split's list
COLUMNS = ("x", "y", "z", "nx", "ny", "nz", "label")


@dataclass(frozen=True)
class RawShape:
    """A shape as the archive holds it.

    Attributes
    ----------
    points : ndarray, shape=(n, 3), dtype=float32
        Points on its surface, in the archive's units.
    normals : ndarray, shape=(n, 3), dtype=float32
        Outward normals at the points.
    labels : ndarray, shape=(n,)
        Part that each point belongs to.
    """

    points: Float[np.ndarray, "n 3"]
    normals: Float[np.ndarray, "n 3"]
    labels: Int[np.ndarray, " n"]
