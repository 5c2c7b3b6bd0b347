"""Tables that are made anew in part: rows whose sources are as before are taken over from the former version."""

import hashlib
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pointprior.runtime.files import atomic_write

KEY = "key"  # the column that says what a row was made of


def digest(files: list[str | os.PathLike], settings: Any) -> str:
    """SHA-256 of the contents of files, in their order, and of settings (of JSON's types)."""
    parts = [hashlib.sha256(Path(file).read_bytes()).hexdigest() for file in files]
    return hashlib.sha256(json.dumps([parts, settings], sort_keys=True).encode()).hexdigest()


class KeptRows:
    """A table in the making, beside its former version.

    Rows are kept as text, so that what is taken over stays as it was to the last digit.

    Parameters
    ----------
    path : path
        Where the table belongs, and its former version is, if there is one.
    """

    def __init__(self, path: str | os.PathLike):
        self._path, self._parts = path, list[pd.DataFrame]()
        former = _text(Path(path)) if Path(path).exists() else pd.DataFrame()
        self._former = (
            former if KEY in former else pd.DataFrame({KEY: []})
        )  # a table of another making has none to keep

    def add(self, key: str, make: Callable[[], pd.DataFrame]) -> None:
        """Append the former version's rows of that key or, where it has none, those that are made now."""
        former = self._former[self._former[KEY] == key]
        self._parts.append(former if len(former) else _text(io.StringIO(make().assign(key=key).to_csv(index=False))))

    def save(self) -> None:
        """Write all rows that were added in place of the former version."""
        with atomic_write(self._path) as temporary:
            pd.concat(self._parts, ignore_index=True).to_csv(temporary, index=False)


def _text(source: Path | io.StringIO) -> pd.DataFrame:
    return pd.read_csv(source, dtype=str, keep_default_na=False)
