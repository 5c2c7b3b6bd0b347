"""Files of images, and of poses that name images, to an `ImageSet`."""

import os
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pointprior.images import cistem, relion
from pointprior.images.bare import bare_table
from pointprior.images.cryosparc import read_cs
from pointprior.images.errors import ImageError
from pointprior.images.image_set import ImageSet
from pointprior.images.selection import chosen_rows
from pointprior.images.stacks import read_pixels
from pointprior.images.star_files import read_star
from pointprior.images.table import PoseTable
from pointprior.runtime.files import matching

POSES = (".star", ".cs")
ABOVE = 5  # folders above that of the pose file: image names begin at the project's


def read_images(
    path: str | os.PathLike,
    *,
    pixel_size: float | None = None,
    select: str = "all",
    stack: str | os.PathLike | None = None,
) -> ImageSet:
    """Read images and, where the file has them, their poses.

    Parameters
    ----------
    path : path
        A STAR file of RELION or cisTEM, a .cs file of cryoSPARC, or images alone: MRC stack, SPIDER, TIFF, PNG, or
        several of these by a pattern, such as "averages/*.spi".
    pixel_size : float, optional
        Width of a pixel (in Å), before what the file says.
    select : str
        "all"; numbers of rows, such as "1,4-6"; or "5 views": the five whose directions differ most.
    stack : path, optional
        Stack that holds the images, where the pose file names none, or one that has moved: places in it stay as named.

    Raises
    ------
    ImageError
        If the file cannot be used; the message names file, row and what to do.
    FileNotFoundError
        If it, or a stack that it names, is not there.
    """
    _refuse_pixel_size(pixel_size)
    _refuse_absent(path)
    table = read_poses(path, stack=stack)
    if table is None:
        table = bare_table(os.fspath(path))
    chosen = table.chosen(chosen_rows(select, table.rotations, len(table), table.path))
    if stack is not None:
        _refuse_stack(chosen)
    size = chosen.one_pixel_size(pixel_size)
    pixels = _pixels(chosen, stack)
    odd = np.array(pixels.shape[:0:-1]) % 2 * chosen.odd_offset
    return ImageSet(
        pixels=pixels,
        pixel_size=size,
        rotations=chosen.rotations,
        shifts=chosen.shifts * (size if chosen.shifts_in_pixels else 1.0) + size * odd,
        names=tuple(f"{place + 1}@{name}" for place, name in zip(chosen.index, chosen.stacks, strict=True)),
        numbers=tuple(chosen.numbers.tolist()),
        remarks=_remarks(chosen, bool(odd.any()), pixels.shape[1:], pixel_size),
    )


def read_poses(path: str | os.PathLike, *, stack: str | os.PathLike | None = None) -> PoseTable | None:
    """The table of a STAR or .cs file; None for a file of images alone.

    Raises
    ------
    ImageError
        If the table cannot be read, or names no images.
    """
    suffix = Path(path).suffix.lower()
    if suffix == ".cs":
        return _refuse_empty(read_cs(path))
    if suffix != ".star":
        return None
    tables = read_star(path)
    if (found := relion.particles(tables)) is not None:
        return _refuse_empty(relion.pose_table(tables, found))
    if (found := cistem.particles(tables)) is not None:
        return _refuse_empty(cistem.pose_table(found, None if stack is None else os.fspath(stack)))
    names = ", ".join(table.name or "unnamed" for table in tables) or "none"
    raise ImageError(
        f"{os.fspath(path)}: no table names images (rlnImageName of RELION, cisTEMPositionInStack of cisTEM); "
        f"its tables: {names}. Give the file of the particles or class averages, such as run_data.star"
    )


def _refuse_absent(path: str | os.PathLike) -> None:
    if Path(path).is_dir():
        raise ImageError(f"{os.fspath(path)}: is a folder; name the file in it that has the poses (STAR, .cs)")
    if not any(file.exists() for file in matching(path)):
        raise FileNotFoundError(f"{os.fspath(path)}: there is no such file")
    if not Path(path).exists() and Path(path).suffix.lower() in POSES:
        raise ImageError(f"{os.fspath(path)}: a pattern names files of images; of files with poses, name one")


def _refuse_empty(table: PoseTable) -> PoseTable:
    if not len(table):
        raise ImageError(f"{table.path}: its table has no rows")
    return table


def _refuse_pixel_size(pixel_size: float | None) -> None:
    if pixel_size is not None and not (np.isfinite(pixel_size) and pixel_size > 0):
        raise ImageError(f"a pixel size is a width in Å, above 0: not {pixel_size}")


def _refuse_stack(chosen: PoseTable) -> None:
    """One stack cannot stand for several: places in them would be taken for places in it."""
    if chosen.folder is not None:
        raise ImageError(f"{chosen.path}: holds the images itself; a `stack` is for files of poses: leave it out")
    named = list(dict.fromkeys(chosen.stacks))
    if len(named) > 1:
        raise ImageError(
            f"{chosen.path}: names {len(named)} stacks ({named[0]}, {named[1]}{', …' if len(named) > 2 else ''}), and "
            "one `stack` cannot stand for them: put them beside the file, or select rows of one (`select`)"
        )


def _pixels(table: PoseTable, stack: str | os.PathLike | None) -> Float[np.ndarray, "n h w"]:
    """Images of all rows, each stack opened once."""
    names = np.array(table.stacks)
    images: list = [None] * len(table)
    for name in dict.fromkeys(table.stacks):
        rows = np.flatnonzero(names == name)
        place = _place(name, table) if stack is None else Path(stack)
        try:
            found = read_pixels(place, table.index[rows])
        except ImageError as problem:
            blamed = rows if problem.image is None else rows[table.index[rows] == problem.image]
            raise ImageError(f"{table.path}: {_rows(table, blamed)}: {problem}") from problem
        for row, image in zip(rows, found, strict=True):
            images[row] = image
    _refuse_sizes(table, images)
    return np.stack(images)


def _place(name: str, table: PoseTable) -> Path:
    return find_stack(name, table.path) if table.folder is None else table.folder / name


def _rows(table: PoseTable, rows) -> str:
    """Rows by their numbers, for a message."""
    numbers = table.numbers[rows]
    if len(numbers) == 1:
        return f"{table.noun} {numbers[0]}"
    return f"{table.noun}s {numbers[0]} to {numbers[-1]}"


def _refuse_sizes(table: PoseTable, images: list) -> None:
    first = images[0].shape
    for row, image in enumerate(images):
        if image.shape != first:
            raise ImageError(
                f"{table.path}: {_rows(table, [row])} ({table.stacks[row]}): the image has {image.shape[1]} × "
                f"{image.shape[0]} pixels, that of {_rows(table, [0])} has {first[1]} × {first[0]}; select images of "
                "one size (`select`)"
            )


def find_stack(name: str, pose_file: str) -> Path:
    """A stack that a pose file names: as it stands, from the file's folder or one above it, or beside the file.

    Raises
    ------
    FileNotFoundError
        If it is in none of these.
    """
    folder = Path(pose_file).resolve().parent
    tried = [above / name for above in [folder, *folder.parents][: ABOVE + 1]] + [folder / Path(name).name]
    for place in tried:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"{pose_file} names the stack {name}, which is neither there nor in {folder} or the {ABOVE} folders above; "
        "put it beside the file, or give `stack`"
    )


def _remarks(table: PoseTable, odd: bool, shape: tuple[int, ...], pixel_size: float | None) -> tuple[str, ...]:
    remarks = []
    if odd:
        remarks.append(
            f"boxes of odd size ({shape[1]} × {shape[0]}): the specimen is taken to be centred one pixel beyond the "
            "middle, as in RELION's own projections; even boxes leave no doubt"
        )
    stated = table.pixel_size[np.isfinite(table.pixel_size)]
    if pixel_size is None and table.folder is not None:
        remarks.append(f"the pixel size, {stated[0]:.4g} Å, is that of the file's header")
    if pixel_size is not None and len(stated) and abs(stated[0] - pixel_size) > 0.01 * pixel_size:
        remarks.append(f"the pixel size is {pixel_size:.4g} Å as given, not {stated[0]:.4g} Å as in {table.path}")
    return tuple(remarks)
