"""Tables of results as they were written: names stay text, also those that look like numbers (entry 1e32, task 10)."""

import os
from collections.abc import Iterable

import pandas as pd

NAMES = ("structure", "task", "experiment", "variant", "prior")  # columns that hold what people and archives name


def read_table(path: str | os.PathLike) -> pd.DataFrame:
    """Read a table from a file (csv)."""
    return pd.read_csv(path, dtype=dict.fromkeys(NAMES, str))


def read_tables(paths: Iterable[str | os.PathLike]) -> pd.DataFrame:
    """Read tables from files and join them, one below the other."""
    return pd.concat(map(read_table, paths), ignore_index=True)
