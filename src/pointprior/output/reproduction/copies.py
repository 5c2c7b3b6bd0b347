"""Copies of tables and pictures that are kept with the code: small enough for a repository."""

import os
import shutil
from pathlib import Path

from pointprior.runtime.files import atomic_write

WIDEST = 1400  # pixels of a kept picture: as wide as a page shows it on a sharp screen
COLOURS = 256  # of its palette; figures have few


def keep(original: str | os.PathLike, copy: str | os.PathLike) -> None:
    """Copy a file, a PNG with at most so many pixels and colours: a fraction of the bytes."""
    with atomic_write(copy) as temporary:
        if Path(original).suffix == ".png":
            _save_small(original, temporary)
        else:
            shutil.copyfile(original, temporary)


def _save_small(original: str | os.PathLike, target: Path) -> None:
    from PIL import Image

    with Image.open(original) as opened:
        picture = opened.convert("RGB")
        if picture.width > WIDEST:
            size = (WIDEST, round(picture.height * WIDEST / picture.width))
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        reduced = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        reduced.save(target, format="PNG", optimize=True)
