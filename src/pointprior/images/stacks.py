"""Pixels of image files: MRC stacks (mrcfile), SPIDER, TIFF and PNG (Pillow). Rows in the order of the file."""

import gzip
import os
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np
from jaxtyping import Float, Int, Num
from mrcfile.utils import spacegroup_is_volume_stack
from PIL import Image, UnidentifiedImageError

from pointprior.images.errors import ImageError

PACKED = (".gz", ".bz2")
MRC = (".mrc", ".mrcs", ".st", ".ali", ".map", ".rec")


def is_mrc(path: str | os.PathLike) -> bool:
    """Whether a file's name is that of an MRC file, compressed or not."""
    return any(suffix.lower() in MRC for suffix in Path(path).suffixes[-2:])


def read_pixels(path: str | os.PathLike, index: Int[np.ndarray, " k"] | None = None) -> Float[np.ndarray, "k h w"]:
    """Images of a stack: those at the given places (from 0 on), or all.

    Raises
    ------
    ImageError
        If the file cannot be read, is truncated, has no images there, or one of them is empty.
    """
    pixels = _mrc(os.fspath(path), index) if is_mrc(path) else _pillow(os.fspath(path), index)
    _check(pixels, np.arange(len(pixels)) if index is None else index, os.fspath(path))
    return pixels


@dataclass(frozen=True)
class StackHeader:
    """What a file of images says of itself.

    Attributes
    ----------
    count : int
        Images.
    pixel_size : float or None
        Width of a pixel (in Å), where it is stated (MRC).
    """

    count: int
    pixel_size: float | None


def read_header(path: str | os.PathLike) -> StackHeader:
    """How many images a file has, and how large their pixels are, without reading them.

    Raises
    ------
    ImageError
        If the file cannot be read, is truncated (compressed ones only show that later), or holds no images.
    """
    if not is_mrc(path):
        with _pillow_file(os.fspath(path)) as picture:
            return StackHeader(int(getattr(picture, "n_frames", 1)), None)
    packed = Path(path).suffix in PACKED
    with mrc_file(os.fspath(path), **({"header_only": True} if packed else {})) as file:
        count, size = int(file.header.nz), float(file.voxel_size.x)
        if spacegroup_is_volume_stack(file.header.ispg):
            raise ImageError(f"{os.fspath(path)}: holds volumes, not images")
    if count < 1:
        raise ImageError(f"{os.fspath(path)}: its header says that it holds no images")
    return StackHeader(count, size if size > 0 else None)


def mrc_file(path: str, **options: Any) -> Any:
    """An opened MRC file; whatever its header lacks is forgiven, but not missing data.

    Raises
    ------
    ImageError
        If it is no MRC file, or a truncated one.
    """
    whole = options or Path(path).suffix in PACKED
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of headers that miss the standard's letters
            file = mrcfile.open(path, permissive=True, **options) if whole else mrcfile.mmap(path, permissive=True)
    except (ValueError, OSError, EOFError, zlib.error, gzip.BadGzipFile) as problem:
        if isinstance(problem, FileNotFoundError):
            raise
        raise ImageError(f"{path}: cannot be read as an MRC file ({problem}); is it whole?") from problem
    if not options and file.data is None:
        file.close()
        raise ImageError(f"{path}: its header promises more data than the file has; it is truncated: copy it again")
    return file


def _mrc(path: str, index: Int[np.ndarray, " k"] | None) -> Float[np.ndarray, "k h w"]:
    with mrc_file(path) as file:
        data = file.data if file.data.ndim >= 3 else file.data[None]
        if data.ndim != 3:
            raise ImageError(f"{path}: holds volumes, not images")
        return _places(data, index, path)


def _places(
    data: Num[np.ndarray, "n h w"], index: Int[np.ndarray, " k"] | None, path: str
) -> Float[np.ndarray, "k h w"]:
    if index is None:
        return np.array(data, dtype=np.float32)
    _refuse_beyond(index, len(data), path)
    return np.array(data[index], dtype=np.float32)


def _refuse_beyond(index: Int[np.ndarray, " k"], count: int, path: str) -> None:
    beyond = (index >= count) | (index < 0)
    if beyond.any():
        first = int(index[beyond][0])
        raise ImageError(
            f"{path}: holds {count} images, but image {first + 1} is asked for; stack and table do not belong together",
            image=first,
        )


def _pillow(path: str, index: Int[np.ndarray, " k"] | None) -> Float[np.ndarray, "k h w"]:
    with _pillow_file(path) as file:
        count = int(getattr(file, "n_frames", 1))
        places = np.arange(count) if index is None else index
        _refuse_beyond(places, count, path)
        return np.stack([_frame(file, int(place)) for place in places])


@contextmanager
def _pillow_file(path: str) -> Iterator[Image.Image]:
    """An opened SPIDER, TIFF or PNG file; what is wrong with it is an ImageError."""
    try:
        with Image.open(path) as file:
            yield file
    except FileNotFoundError:
        raise
    except UnidentifiedImageError as problem:
        raise ImageError(f"{path}: no image of a known format (MRC, SPIDER, TIFF, PNG)") from problem
    except (OSError, SyntaxError, EOFError, ValueError) as problem:
        if isinstance(problem, ImageError):
            raise
        raise ImageError(f"{path}: cannot be read ({problem}); is it whole?") from problem


def _frame(file: Image.Image, place: int) -> Float[np.ndarray, "h w"]:
    if place or file.tell():
        file.seek(place)
    if len(file.getbands()) > 1:
        file.load()
        return np.asarray(file.convert("L"), dtype=np.float32)
    return np.asarray(file, dtype=np.float32)


def _check(pixels: Float[np.ndarray, "k h w"], index: Int[np.ndarray, " k"], path: str) -> None:
    """No image may be constant, or hold what is no number."""
    for image, place in zip(pixels, index, strict=True):
        if not np.isfinite(image).all():
            raise ImageError(
                f"{path}: image {place + 1} has pixels that are no numbers; leave it out (`select`) or mend it",
                image=int(place),
            )
        if np.ptp(image) == 0:
            raise ImageError(
                f"{path}: image {place + 1} is empty: all its pixels are {image.flat[0]:.3g}; leave it out (`select`)",
                image=int(place),
            )
