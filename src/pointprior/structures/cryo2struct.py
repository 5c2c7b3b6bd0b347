"""The tables that Cryo2StructData publishes: which entries the paper trained on.

Cryo2StructData (Giri, Wang & Cheng, Scientific Data 2024; CC BY 4.0) lists maps of the EMDB. `metadata.csv` has the
PDB code of each; a table of splits says which maps train and which validate.
"""

import io
import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from pointprior.structures.archive import EntryIdError, normalise_id

PRINTED = 6629  # training structures of the paper
SPLITS = ("train", "val", "test")


class TableError(ValueError):
    """A table is not what it should be; the message says which, where, and what to do."""


@dataclass(frozen=True)
class Table:
    """A published table.

    Attributes
    ----------
    rows : DataFrame
        All as text.
    origin : str
        Its file.
    """

    rows: pd.DataFrame
    origin: str

    def column(self, word: str, is_value: Callable[[str], bool]) -> str:
        """Heading of the column that has a word in its heading and such values in most of its rows."""
        named = [heading for heading in self.rows if word in heading.lower()]
        found = [heading for heading in named if self.rows[heading].map(is_value).mean() > 0.5]
        if len(found) != 1:
            raise TableError(
                f"{self.origin}: {len(found) or 'no'} columns have {word.upper()} codes and say so in their headings, "
                f"which are {', '.join(self.rows)}. Rename one in a copy of the table, and give its path"
            )
        return found[0]


def read_table(content: bytes, origin: str) -> Table:
    """Read a table with commas, semicolons or tabs between its columns.

    Raises
    ------
    TableError
        If it is none.
    """
    if content.startswith(b"PK"):
        raise TableError(f"{origin}: a sheet of Excel. Save it as CSV")
    text = content.decode("utf-8-sig", errors="replace")
    separator = max("\t,;", key=text.partition("\n")[0].count)
    try:
        rows = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, index_col=False)
    except ValueError as problem:
        raise TableError(f"{origin}: not readable as a table ({problem})") from problem
    return Table(rows.rename(columns=str.strip), origin)


def map_code(text: str) -> str | None:
    """Code of a map in the EMDB, four digits at least; None if it is none.

    Dataverse turns the codes of a table to numbers: zeros in front go, and ".0" may come.

    Examples
    --------
    >>> map_code("EMD-0004"), map_code("4"), map_code("22898.0"), map_code("6giq")
    ('0004', '0004', '22898', None)
    """
    match = re.fullmatch(r"(?:EMD[-_ ]?)?(\d{1,5})(?:\.0)?", text.strip(), re.IGNORECASE)
    return match[1].zfill(4) if match else None


def read_maps(metadata: Table) -> pd.DataFrame:
    """Entries of the maps: columns emd and entry, one row per pair, in the order of the table.

    What is no code (a spreadsheet turns 6e10 into a number) is left out, and the log says so.

    Raises
    ------
    TableError
        If the table has no column of either.
    """
    emd, pdb = metadata.column("emd", _is_map), metadata.column("pdb", _has_entry)
    pairs = []
    for number, (code, entries) in enumerate(zip(metadata.rows[emd], metadata.rows[pdb], strict=True), start=2):
        found = [entry for word in re.split(r"[,;\s]+", entries.strip()) if (entry := _entry(word))]
        if map_code(code) is None or not found:
            logging.warning("%s, line %d: left out, with EMD %r and PDB %r", metadata.origin, number, code, entries)
        else:
            pairs += [(map_code(code), entry) for entry in found]
    return pd.DataFrame(pairs, columns=["emd", "entry"]).drop_duplicates(ignore_index=True)


def read_split(table: Table, split: str) -> list[str]:
    """Maps of a split ("train", "val" or "test"), in the order of the table.

    A table may have a column of codes per split, or a column of codes and one that names the split of each.

    Raises
    ------
    TableError
        If it has neither, or lists no map of that split.
    """
    columns = [heading for heading in table.rows if _split_of(heading) == split]
    if len(columns) == 1 and table.rows[columns[0]].map(_is_map).any():
        codes = table.rows[columns[0]]
    else:
        names = [heading for heading in table.rows if table.rows[heading].map(lambda text: bool(_split_of(text))).all()]
        if len(names) != 1:
            raise TableError(
                f"{table.origin}: neither a column of codes for the split {split} nor one column that says train, val "
                f"or test. The headings are {', '.join(table.rows)}; rename one in a copy, and give its path"
            )
        codes = table.rows[table.column("emd", _is_map)][table.rows[names[0]].map(_split_of) == split]
    found = list(dict.fromkeys(code for text in codes if (code := map_code(text))))
    if not found:
        raise TableError(f"{table.origin}: lists no map of the split {split}")
    return found


def training_entries(metadata: Table, splits: Table | None = None, *, left_out: Collection[str] = ()) -> pd.DataFrame:
    """Entries to train on: those of the maps of the training split (of all maps, without a table of splits).

    Parameters
    ----------
    left_out : collection of str
        Entries to leave out: those of the test.

    Returns
    -------
    DataFrame
        Columns entry and emd (its maps, separated by spaces); in the order of `metadata`.

    Raises
    ------
    TableError
        As `read_maps` and `read_split` do.
    """
    maps = read_maps(metadata)
    if splits is not None:
        codes = read_split(splits, "train")
        absent = sorted(set(codes) - set(maps["emd"]))
        if absent:
            logging.warning("%s: %d maps that %s lacks: %s", splits.origin, len(absent), metadata.origin, _few(absent))
        maps = maps[maps["emd"].isin(codes)]
    tested = sorted(set(left_out) & set(maps["entry"]))
    if tested:
        logging.warning("%s: left out %d test entries: %s", metadata.origin, len(tested), _few(tested))
    grouped = maps[~maps["entry"].isin(tested)].groupby("entry", sort=False)["emd"].agg(" ".join).reset_index()
    if len(grouped) != PRINTED:
        logging.warning("%s: %s entries to train on; the paper prints %s", metadata.origin, len(grouped), PRINTED)
    return grouped


def _is_map(text: str) -> bool:
    return map_code(text) is not None


def _entry(word: str) -> str | None:
    try:
        return normalise_id(word)
    except EntryIdError:
        return None


def _has_entry(text: str) -> bool:
    return any(_entry(word) for word in re.split(r"[,;\s]+", text.strip()))


def _split_of(text: str) -> str | None:
    """The one split that a text names."""
    named = [split for split in SPLITS if split in text.lower()]
    return named[0] if len(named) == 1 else None


def _few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:10]) + (", …" if len(codes) > 10 else "")
