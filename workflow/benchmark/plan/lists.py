"""Paths, ids and lists of the configuration."""

import csv
from collections.abc import Sequence
from pathlib import Path

from benchmark.errors import WorkflowError
from pointprior.structures import archive


class Lists:
    """Reads what the configuration names by path.

    Parameters
    ----------
    root : Path
        The repository: where relative paths are looked for after the working directory.
    """

    def __init__(self, root: Path):
        self.root = root

    def found(self, path: str) -> Path:
        """A path of the configuration: from the working directory if it is there, otherwise from the repository."""
        here = Path(path).expanduser()
        there = self.root / here
        return there if not here.exists() and there.exists() else here

    def read(self, items: Sequence[str], key: str) -> list[tuple[str, str]]:
        """Entries and their clusters (the entry itself where none is given), list files read."""
        pairs = []
        for item in items:
            rows = self._rows(item, key) if "/" in item or item.endswith((".txt", ".tsv")) else [(item, item)]
            for entry, cluster in rows:
                try:
                    proper = archive.normalise_id(entry)
                except ValueError as problem:
                    raise WorkflowError(f"{key}: '{entry}': {problem}") from None
                pairs.append((proper, cluster if cluster != entry else proper))
        return pairs

    def _rows(self, item: str, key: str) -> list[tuple[str, str]]:
        path = self.found(item)
        if not path.is_file():
            raise WorkflowError(f"{key}: there is no list '{item}'")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise WorkflowError(f"{key}: '{item}' is no text in UTF-8") from None
        except OSError as problem:
            raise WorkflowError(f"{key}: '{item}' cannot be read: {problem.strerror}") from None
        lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
        rows = _columns(lines) if path.suffix == ".tsv" else [(line.split()[0],) * 2 for line in lines]
        if not rows:
            raise WorkflowError(f"{key}: '{item}' lists no entry (a .tsv file has them in its column `entry`)")
        return rows


def _columns(lines: list[str]) -> list[tuple[str, str]]:
    """Entry and cluster of every row of a table that has a column `entry`; nothing of another."""
    rows = [row for row in csv.DictReader(lines, delimiter="\t") if row.get("entry")]
    return [(row["entry"], row.get("cluster") or row["entry"]) for row in rows]
