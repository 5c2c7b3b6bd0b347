"""Pixels of image files: MRC stacks so far."""

import os

import mrcfile
import numpy as np
from jaxtyping import Float, Int

from pointprior.images.errors import ImageError


def read_pixels(path: str | os.PathLike, index: Int[np.ndarray, " k"]) -> Float[np.ndarray, "k h w"]:
    """Images of a stack at the given places (from 0 on)."""
    with mrcfile.mmap(path, permissive=True) as file:
        data = file.data if file.data.ndim == 3 else file.data[None]
        if len(index) and index.max() >= len(data):
            raise ImageError(f"{path}: holds {len(data)} images, but image {index.max() + 1} is asked for")
        return np.asarray(data[index], dtype=np.float32)
