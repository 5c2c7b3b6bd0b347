"""Copies of pictures that are kept with the code: small enough for a repository."""

import os

from pointprior.runtime.files import atomic_write

WIDEST = 1400  # pixels of a kept picture: as wide as a page shows it on a sharp screen
COLOURS = 256  # of its palette; figures have few


def keep(original: str | os.PathLike, copy: str | os.PathLike) -> None:
    """Copy a PNG with at most so many pixels and colours: a fraction of the bytes."""
    from PIL import Image

    with Image.open(original) as opened:
        picture = opened.convert("RGB")
        if picture.width > WIDEST:
            size = (WIDEST, round(picture.height * WIDEST / picture.width))
            picture = picture.resize(size, Image.Resampling.LANCZOS)
        reduced = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    with atomic_write(copy) as temporary:
        reduced.save(temporary, format="PNG", optimize=True)
