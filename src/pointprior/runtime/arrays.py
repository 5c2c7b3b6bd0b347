"""Arrays of .npz files that people name: what is none is said with the file's name."""

import os
import zipfile
import zlib
from typing import Any

import numpy as np


def load_arrays(path: str | os.PathLike, *names: str) -> dict[str, Any]:
    """All arrays of an .npz file.

    Parameters
    ----------
    path : path
        The file.
    *names : str
        Arrays that it must have.

    Raises
    ------
    ValueError
        If it is no such file, is damaged, or lacks one of the arrays.
    OSError
        If it cannot be opened.
    """
    origin = os.fspath(path)
    try:
        with open(path, "rb") as file:  # numpy would leave a damaged one open
            stored = np.load(file, allow_pickle=False)
            arrays = dict(stored) if isinstance(stored, np.lib.npyio.NpzFile) else None
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as problem:
        raise ValueError(f"{origin}: no .npz file of arrays, or a damaged one; copy or make it anew") from problem
    if arrays is None:
        raise ValueError(f"{origin}: holds one array alone (.npy), not those of an .npz file; give another file")
    absent = [name for name in names if name not in arrays]
    if absent:
        raise ValueError(
            f"{origin}: lacks {', '.join(absent)}; it holds {', '.join(arrays) or 'nothing'}, so it is a file of "
            "another kind: give another"
        )
    return arrays
