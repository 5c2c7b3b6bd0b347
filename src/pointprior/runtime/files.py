"""Files that are either whole or absent, whether they can be written at all, and files by a pattern."""

import glob
import os
import tempfile
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
    _refuse_folder(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def check_folder(path: str | os.PathLike) -> None:
    """See, before the work, whether files can be written to a folder, which may not be there yet; it is not made.

    Raises
    ------
    OSError
        If nothing can be written there; the message names the folder.
    """
    place = Path(path).absolute()
    try:
        while not _is_there(place):
            place = place.parent
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as problem:
        reason = os.strerror(problem.errno) if problem.errno else str(problem)
        raise OSError(f"{os.fspath(path)}: no files can be written there ({reason}); name another folder") from problem


def check_file(path: str | os.PathLike) -> None:
    """See, before the work, whether a file can be written.

    Raises
    ------
    OSError
        If it is a folder, or nothing can be written to its folder.
    """
    _refuse_folder(Path(path))
    check_folder(Path(path).parent)
    _is_there(Path(path))  # or its name is too long


def _refuse_folder(path: Path) -> None:
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder, where a file is to be written; name another file")


def _is_there(path: Path) -> bool:
    """Whether something has this name: also a link that leads nowhere."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


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
