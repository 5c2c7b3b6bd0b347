"""The stand-in as an archive: its objects and splits, and files in the layout of ShapeNet's part annotation."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pointprior.runtime.files import atomic_write
from pointprior.runtime.seeding import seed_of
from pointprior.shapes.categories import CATEGORIES, synsets_of
from pointprior.shapes.layout import PREFIX, SPLIT_FILE, SPLIT_FOLDER, SPLITS, RawShape
from pointprior.shapes.procedural.generation import generate

ROW = "%.5f %.5f %.5f %.4f %.4f %.4f %d\n"  # as many digits as in the archive


@dataclass(frozen=True)
class StandInObject:
    """One object of the stand-in: a number in a split of a category.

    The splits are streams of their own, so that more training objects change neither the other splits nor the
    objects that were there before.
    """

    category: str
    split: str
    number: int
    seed: int

    @property
    def id(self) -> str:
        """Folder (the category's synset) and name."""
        return f"{CATEGORIES[self.category]}/standin{self.seed}-{self.split}-{self.number:05d}"

    def shape(self) -> RawShape:
        """Points, normals and labels."""
        return generate(self.category, (self.seed, self.split, self.number))


def listed(split: str, count: int, *, seed: int, categories: Sequence[str] = tuple(CATEGORIES)) -> list[StandInObject]:
    """The objects of a split, `count` of each category, in an order that is shuffled by the seed.

    Order is by a hash of the id: it stays the same among the objects of a smaller list.
    """
    if count < 0:
        raise ValueError(f"{split}: {count} objects of each category")
    known = synsets_of(categories).values()
    objects = [StandInObject(category, split, number, seed) for category in known for number in range(count)]
    return sorted(objects, key=lambda item: seed_of(seed, item.id))


def write_archive(
    path: str | os.PathLike,
    *,
    train: int,
    validation: int,
    test: int,
    seed: int = 0,
    categories: Sequence[str] = tuple(CATEGORIES),
    processes: int = 1,
) -> int:
    """Write the stand-in in the archive's layout, whole or not at all; return its number of objects.

    Parameters
    ----------
    path
        A zip file if it ends in .zip, else a new folder.
    train, validation, test
        Objects of each category.
    seed
        Of all random draws.
    categories
        Those to write.
    processes
        How many generate objects at the same time; files do not depend on it.

    Raises
    ------
    FileExistsError
        If the folder exists: it is left as it is.
    ValueError
        If a category is unknown, or a number is negative.
    """
    counts = dict(zip(SPLITS, (train, validation, test), strict=True))
    splits = {split: listed(split, count, seed=seed, categories=categories) for split, count in counts.items()}
    objects = [item for items in splits.values() for item in items]
    target = _zip_file if Path(path).suffix == ".zip" else _folder
    with target(Path(path)) as write:
        write("synsetoffset2category.txt", "".join(f"{name}\t{CATEGORIES[name]}\n" for name in categories))
        for split, items in splits.items():
            entries = [f"{PREFIX}{item.id}" for item in items]
            write(f"{SPLIT_FOLDER}/{SPLIT_FILE.format(split=split)}", json.dumps(entries))
        for item, text in zip(objects, _texts(objects, processes), strict=True):
            write(f"{item.id}.txt", text)
    return len(objects)


def as_text(shape: RawShape) -> str:
    """Seven columns: position, normal, label."""
    rows = np.column_stack([shape.points, shape.normals, shape.labels]).tolist()
    return "".join(ROW % tuple(row) for row in rows)


def _text_of(item: StandInObject) -> str:
    return as_text(item.shape())


def _texts(objects: Sequence[StandInObject], processes: int) -> Iterator[str]:
    if processes == 1:
        yield from map(_text_of, objects)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_text_of, objects, chunksize=16)


Write = Callable[[str, str], None]  # takes a file's path in the archive, and its text


@contextmanager
def _zip_file(path: Path) -> Iterator[Write]:
    with atomic_write(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        # ZipInfo's own date: the same objects are the same file
        yield lambda name, text: archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED, compresslevel=3)


@contextmanager
def _folder(path: Path) -> Iterator[Write]:
    if path.exists():
        raise FileExistsError(f"{path} exists: remove it, or give another name")
    temporary = path.with_name(f".{os.getpid()}.{path.name}")

    def write(name: str, text: str) -> None:
        (temporary / name).parent.mkdir(parents=True, exist_ok=True)
        (temporary / name).write_text(text)

    try:
        yield write
        os.replace(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
