"""Images of one specimen and the poses they were taken in."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class ImageSet:
    """Images of one specimen, each seen in its own pose.

    The frame is that of the box: its origin is the box's centre, the middle of pixel (n // 2, n // 2, n // 2).

    Attributes
    ----------
    pixels : ndarray, shape=(n, h, w), dtype=float32
        Values, rows along y. As in the file: neither inverted nor normalised.
    pixel_size : float
        Width of a pixel (in Å).
    rotations : ndarray, shape=(n, 3, 3), or None
        The specimen `x` (n, 3), in Å from the centre of its box, is seen as `x @ rotation`: the first coordinate runs
        along the image's columns (to the right), the second along its rows (with their numbers), the third towards
        or away from the viewer. None where the file has no poses.
    shifts : ndarray, shape=(n, 2)
        Where the centre of the specimen's box lies in the image (x, y; in Å), from the middle of pixel
        (h // 2, w // 2).
    names : tuple of str
        What the file calls each image, such as "3@classes.mrcs".
    numbers : tuple of int
        Row of each image in the file, counted from 1.
    remarks : tuple of str
        What a person should know about how the file was read.
    """

    pixels: Float[np.ndarray, "n h w"]
    pixel_size: float
    rotations: Float[np.ndarray, "n 3 3"] | None
    shifts: Float[np.ndarray, "n 2"]
    names: tuple[str, ...]
    numbers: tuple[int, ...]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pixels)

    def first(self, count: int) -> "ImageSet":
        """The first images alone."""
        return replace(
            self,
            pixels=self.pixels[:count],
            rotations=None if self.rotations is None else self.rotations[:count],
            shifts=self.shifts[:count],
            names=self.names[:count],
            numbers=self.numbers[:count],
        )
