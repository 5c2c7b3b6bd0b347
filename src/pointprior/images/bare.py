"""Images alone, in one file or several: a table of them without poses, from the headers."""

import os
from pathlib import Path

import numpy as np

from pointprior.images.stacks import read_header
from pointprior.images.table import PoseTable
from pointprior.runtime.files import matching


def bare_table(path: str) -> PoseTable:
    """The images of all files that a pattern names, counted through; none of them is read.

    Raises
    ------
    ImageError
        If a file cannot be read, or holds no images.
    """
    files = matching(path)
    headers = [read_header(file) for file in files]
    folder = Path(os.path.commonpath([file.absolute().parent for file in files]))
    names = [os.path.relpath(file.absolute(), folder) for file in files]
    counts = [header.count for header in headers]
    sizes = [np.nan if header.pixel_size is None else header.pixel_size for header in headers]
    return PoseTable(
        path=path,
        stacks=tuple(name for name, count in zip(names, counts, strict=True) for _ in range(count)),
        index=np.concatenate([np.arange(count) for count in counts]),
        pixel_size=np.repeat(np.array(sizes, dtype=np.float64), counts),
        rotations=None,
        shifts=np.zeros((sum(counts), 2)),
        shifts_in_pixels=False,
        numbers=np.arange(1, sum(counts) + 1),
        folder=folder,
    )
