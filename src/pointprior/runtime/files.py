"""Files that are either whole or absent, and files by a pattern."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` once the block succeeds.

    A killed or failed writer leaves the old file (or none), never half of a new one. The temporary
    name keeps the suffix, because numpy, matplotlib and others choose the format by it.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "greeting.txt"
    >>> with atomic_write(target) as temporary:
    ...     _ = temporary.write_text("hello")
    >>> target.read_text()
    'hello'
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def matching(path: str | os.PathLike) -> list[Path]:
    """Files that a pattern such as "averages/*.spi" names, in the order of their names; a path without one is itself.

    Examples
    --------
    >>> matching("classes.star")
    [PosixPath('classes.star')]
    """
    name = os.fspath(path)
    if os.path.exists(name) or not glob.has_magic(name):
        return [Path(name)]
    return [Path(found) for found in sorted(glob.glob(name))]
