"""ShapeNet's part-annotation archive, or what has its layout: a folder or a zip, read without unpacking.

One folder per synset holds a text file per shape, one row per point: position, normal and part label (x y z nx ny nz
label). `train_test_split/shuffled_{train,val,test}_file_list.json` list the shapes of the three splits. All of it may
lie below one top folder, as in the archive's own zip.
"""

import csv
import io
import json
import math
import os
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from pointprior.shapes.categories import CATEGORIES, synsets_of
from pointprior.shapes.layout import COLUMNS, PREFIX, SPLIT_FILE, SPLIT_FOLDER, SPLITS, RawShape

VARIABLE = "SHAPENET_DIR"
# numbers that the paper prints of its two training sets
PRINTED = {frozenset({"Chair"}): 2658, frozenset(CATEGORIES): 10693}
ADVICE = (
    "Get shapenetcore_partanno_segmentation_benchmark_v0_normal.zip (ShapeNet's part annotation with normals; terms: "
    "non-commercial research, no redistribution, see shapenet.org) and name the zip, or the folder it unpacks to, in "
    f"the data set's `archive` or in the environment variable {VARIABLE}. The generated stand-in needs no archive: "
    "`archive: standin` in the data set, or `--configfile config/standin.yaml`"
)


class ShapeArchiveError(ValueError):
    """The archive, or a file of it, is missing or damaged; the message says which, where, and what to do."""


def find_archive(path: str | os.PathLike | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the archive is: the path, or else what the environment variable ``SHAPENET_DIR`` says.

    Raises
    ------
    ShapeArchiveError
        If neither is set, or nothing is there.
    """
    place = os.fspath(path) if path else environ.get(VARIABLE, "")
    if not place:
        raise ShapeArchiveError(f"no archive of shapes is named. {ADVICE}")
    found = Path(place).expanduser()
    if not found.exists():
        origin = "" if path else f" ({VARIABLE})"
        raise ShapeArchiveError(f"{found}{origin}: no such folder or zip. {ADVICE}")
    return found


class ShapeArchive:
    """The archive in a folder or a zip.

    A shape's id is ``<synset>/<name>``. An open archive belongs to one process: another opens its own.

    Parameters
    ----------
    path : path-like
        The folder or the zip.

    Raises
    ------
    ShapeArchiveError
        If it is neither, or has no folder of split lists.
    """

    def __init__(self, path: str | os.PathLike):
        self.path = Path(path)
        self._root = _root(self.path)

    def listed(self, split: str, categories: Iterable[str] = tuple(CATEGORIES)) -> list[str]:
        """Ids of a split's shapes of some categories, in the order of the archive's list.

        Parameters
        ----------
        split : str
            "train", "val" or "test". Each is that list alone: "train" does not include "val".
        categories : iterable of str
            Names, as in `CATEGORIES`; all of them by default.

        Raises
        ------
        ValueError
            If a split or a category is unknown.
        ShapeArchiveError
            If the list is missing or is none.
        """
        if split not in SPLITS:
            raise ValueError(f"{split!r} is no split; known: {', '.join(SPLITS)}")
        synsets = synsets_of(categories)
        return [shape for shape in self._listed(split) if shape.split("/")[0] in synsets]

    def read(self, shape: str) -> RawShape:
        """Read a shape by its id.

        Raises
        ------
        ShapeArchiveError
            If its file is missing or damaged; the message names the file and, where it can, the line.
        """
        table = _table(self._bytes(f"{shape}.txt"), self._place(f"{shape}.txt"))
        return RawShape(
            points=table[:, :3].astype(np.float32),
            normals=table[:, 3:6].astype(np.float32),
            labels=table[:, 6].astype(np.int64),
        )

    def count(self, shape: str) -> int:
        """How many points the file of a shape has, without reading their numbers."""
        return sum(bool(line.strip()) for line in self._bytes(f"{shape}.txt").splitlines())

    def _listed(self, split: str) -> list[str]:
        file = f"{SPLIT_FOLDER}/{SPLIT_FILE.format(split=split)}"
        try:
            entries = json.loads(self._bytes(file))
        except ValueError as problem:
            if isinstance(problem, ShapeArchiveError):
                raise
            raise ShapeArchiveError(f"{self._place(file)}: not readable as JSON ({problem})") from problem
        if not isinstance(entries, list):
            raise ShapeArchiveError(f"{self._place(file)}: no list of shapes")
        return _ids(entries, self._place(file))

    def _bytes(self, file: str) -> bytes:
        try:
            return (self._root / file).read_bytes()
        except (FileNotFoundError, KeyError) as problem:
            raise ShapeArchiveError(
                f"{self._place(file)}: missing. Is the archive whole, and that of the annotation with normals?"
            ) from problem
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as problem:
            raise ShapeArchiveError(f"{self._place(file)}: not readable ({problem})") from problem

    def _place(self, file: str) -> str:
        return str(self._root / file)


def difference_to_paper(archive: ShapeArchive, split: str, categories: Iterable[str]) -> str | None:
    """Say so where the paper prints another number of shapes than the archive lists; None where it prints none."""
    names = frozenset(categories)
    printed = PRINTED.get(names) if split == "train" else None
    count = len(archive.listed(split, names))
    if printed in (None, count):
        return None
    of = next(iter(names)) if len(names) == 1 else f"{len(names)} categories"
    return f"{archive.path} lists {count:,} training shapes of {of}; the paper prints {printed:,}"


def counts(archive: ShapeArchive) -> pd.DataFrame:
    """How many shapes an archive lists: one row per category and one for all of them, one column per split."""
    splits = {split: [shape.split("/")[0] for shape in archive.listed(split)] for split in SPLITS}
    table = pd.DataFrame(
        {split: [found.count(synset) for synset in CATEGORIES.values()] for split, found in splits.items()},
        index=list(CATEGORIES),
    )
    table.loc["all"] = table.sum()
    return table


def _root(path: Path) -> Path | zipfile.Path:
    """The folder that holds the split lists: the given one, or one just below it."""
    try:
        top: Path | zipfile.Path = path if path.is_dir() else zipfile.Path(path)
        below: list[Path | zipfile.Path] = list(top.iterdir())
    except (zipfile.BadZipFile, OSError) as problem:
        raise ShapeArchiveError(
            f"{path}: neither a folder nor a zip that can be read ({problem}). {ADVICE}"
        ) from problem
    for folder in (top, *sorted(below, key=lambda folder: folder.name)):
        if (folder / SPLIT_FOLDER).is_dir():
            return folder
    raise ShapeArchiveError(f"{path}: has no folder {SPLIT_FOLDER}, nor has a folder in it. {ADVICE}")


def _ids(entries: list, place: str) -> list[str]:
    """Ids of a list's entries, which read ``shape_data/<synset>/<name>``."""
    found: dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        match = re.fullmatch(rf"{PREFIX}(\d{{8}}/[\w.-]+)", entry) if isinstance(entry, str) else None
        if match is None:
            raise ShapeArchiveError(f"{place}: entry {number}, {entry!r}, is not {PREFIX}<synset>/<name>")
        if match[1] in found:
            raise ShapeArchiveError(f"{place}: entry {number} repeats entry {found[match[1]]}, {entry}")
        found[match[1]] = number
    return list(found)


def _table(text: bytes, place: str) -> Float[np.ndarray, "n 7"]:
    """The numbers of a shape's file; pandas reads them three times as fast as numpy does."""
    try:
        table = pd.read_csv(
            io.BytesIO(text), sep=r"\s+", header=None, dtype=np.float64, quoting=csv.QUOTE_NONE, low_memory=False
        ).to_numpy()
        sound = table.shape[1] == len(COLUMNS) and np.isfinite(table).all() and not (table[:, 6] % 1).any()
    except ValueError:
        sound = False
    if not sound or b"\0" in text:
        raise ShapeArchiveError(f"{place}{_first_fault(text)}")
    return table


def _first_fault(text: bytes) -> str:
    """What is wrong with a shape's file, and in which line."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.decode(errors="replace").split()
        fault = _fault(words) if words else None
        if fault:
            return f", line {number}: {fault}"
    return ": not readable as rows of numbers" if text.strip() else ": has no points"


def _fault(words: list[str]) -> str | None:
    """What is wrong with a row."""
    if len(words) != len(COLUMNS):
        return f"{len(words)} columns instead of {len(COLUMNS)} ({' '.join(COLUMNS)})"
    for column, word in zip(COLUMNS, words, strict=True):
        try:
            value = float(word)
        except ValueError:
            return f"{column} is {word!r}, which is no number"
        if not math.isfinite(value) or (column == "label" and value % 1):
            return f"{column} is {word}"
    return None
