"""Tables of STAR files, read by gemmi: columns by name, numbers checked row by row."""

import os
from dataclasses import dataclass

import gemmi
import numpy as np
from jaxtyping import Float

from pointprior.images.errors import ImageError


@dataclass(frozen=True)
class StarTable:
    """One table of a STAR file.

    Attributes
    ----------
    path : str
        The file, for messages.
    name : str
        The table's name, "data_" left off; empty in early files.
    columns : dict
        Values of every column, as text, by the column's name without its underscore.
    """

    path: str
    name: str
    columns: dict[str, list[str]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def __contains__(self, column: str) -> bool:
        return column in self.columns

    def numbers(self, column: str) -> Float[np.ndarray, " n"]:
        """A column's numbers.

        Raises
        ------
        ImageError
            If a value is no finite number; the message names its row.
        """
        try:
            values = np.array(self.columns[column], dtype=np.float64)
        except ValueError:
            values = np.array([_number(text) for text in self.columns[column]])
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            text = self.columns[column][row]
            raise ImageError(f"{self.path}: row {row + 1}: {column} is {text!r}, not a number; correct or drop the row")
        return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def read_star(path: str | os.PathLike) -> list[StarTable]:
    """All tables of a STAR file.

    Raises
    ------
    ImageError
        If the file is no STAR file, or ends within a row.
    """
    origin = os.fspath(path)
    try:
        blocks = gemmi.cif.read_string(_text(origin))
    except (ValueError, RuntimeError) as problem:  # the latter is what gemmi raises for some
        raise ImageError(f"{origin}: not a STAR file, or a truncated one ({problem}); write it anew") from problem
    return [StarTable(origin, block.name.strip(), _columns(block)) for block in blocks]


def _text(path: str) -> str:
    with open(path, "rb") as file:
        content = file.read()
    try:
        return content.decode()
    except UnicodeDecodeError as problem:
        raise ImageError(f"{path}: no text, so no STAR file (compressed ones are unpacked first)") from problem


def _columns(block: gemmi.cif.Block) -> dict[str, list[str]]:
    """Values by column: those of loops, and single ones as loops of one row."""
    columns: dict[str, list[str]] = {}
    for item in block:
        if item.loop is not None:
            width, values = item.loop.width(), [gemmi.cif.as_string(value) for value in item.loop.values]
            columns |= {tag.lstrip("_"): values[place::width] for place, tag in enumerate(item.loop.tags)}
        elif item.pair is not None:
            columns[item.pair[0].lstrip("_")] = [gemmi.cif.as_string(item.pair[1])]
    return columns
