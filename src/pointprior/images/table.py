"""Rows of a pose file, whoever wrote it: which image of which stack, how large its pixels are, and its pose."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from pointprior.images.errors import ImageError


@dataclass(frozen=True)
class PoseTable:
    """Rows of a pose file, or the images of files that have no poses.

    Attributes
    ----------
    path : str
        The file, for messages.
    stacks : tuple of str
        File that holds each row's image, as the pose file names it.
    index : ndarray, shape=(n,)
        Place of each row's image in its stack, from 0 on.
    pixel_size : ndarray, shape=(n,)
        Width of a pixel (in Å); not a number where the file does not say.
    rotations : ndarray, shape=(n, 3, 3), or None
        As in `ImageSet`.
    shifts : ndarray, shape=(n, 2)
        As in `ImageSet`, but in pixels or in Å, as `shifts_in_pixels` says.
    shifts_in_pixels : bool
        Whether shifts are in pixels rather than in Å.
    numbers : ndarray, shape=(n,)
        Row in the file, counted from 1.
    odd_offset : int
        Pixels by which the program puts a specimen's centre beyond n // 2 in a box of odd size.
    folder : Path, optional
        Where the stacks lie, if they are the files that were given: then there is no pose file.
    """

    path: str
    stacks: tuple[str, ...]
    index: Int[np.ndarray, " n"]
    pixel_size: Float[np.ndarray, " n"]
    rotations: Float[np.ndarray, "n 3 3"] | None
    shifts: Float[np.ndarray, "n 2"]
    shifts_in_pixels: bool
    numbers: Int[np.ndarray, " n"]
    odd_offset: int = 0
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.stacks)

    @property
    def noun(self) -> str:
        """What messages call its rows."""
        return "row" if self.folder is None else "image"

    def chosen(self, rows: Int[np.ndarray, " k"]) -> "PoseTable":
        """Some of the rows, in the order given."""
        return replace(
            self,
            stacks=tuple(self.stacks[row] for row in rows),
            index=self.index[rows],
            pixel_size=self.pixel_size[rows],
            rotations=None if self.rotations is None else self.rotations[rows],
            shifts=self.shifts[rows],
            numbers=self.numbers[rows],
        )

    def one_pixel_size(self, given: float | None) -> float:
        """The pixel size of all rows (in Å): the one given, or the file's.

        Raises
        ------
        ImageError
            If none is known, or rows differ.
        """
        if given is not None:
            return float(given)
        known = self.pixel_size
        if not np.isfinite(known).all():
            row = int(self.numbers[~np.isfinite(known)][0])
            raise ImageError(f"{self.path}: {self.noun} {row} has no pixel size; give `pixel_size` (in Å)")
        if np.ptp(known) > 1e-3 * known[0]:
            row = int(self.numbers[np.abs(known - known[0]).argmax()])
            raise ImageError(
                f"{self.path}: pixels of {self.noun} {row} are wider or narrower than those of {self.noun} "
                f"{self.numbers[0]} ({known.min():.4g} to {known.max():.4g} Å); scale the images to one pixel size, or "
                f"select some (`select`)"
            )
        return float(known[0])
