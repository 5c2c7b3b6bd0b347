"""Check every annotated shape and type of the library while its tests run."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from jaxtyping import install_import_hook

LIBRARY = Path(__file__).parents[1] / "src" / "pointprior"


def checked_modules() -> list[str]:
    """Every module but the compiled ones: numba compiles plain functions, not checked wrappers of them.

    Packages are not named: their names would take all their modules along.
    """
    paths = [path for path in sorted(LIBRARY.rglob("*.py")) if path.name != "__init__.py"]
    plain = [path for path in paths if "from numba import" not in path.read_text()]
    return [".".join(path.relative_to(LIBRARY.parent).with_suffix("").parts) for path in plain]


install_import_hook(checked_modules(), "beartype.beartype")


@pytest.fixture
def default_sigterm() -> Iterator[None]:
    """Give back SIGTERM's default, which a process that was asked to end no longer has."""
    yield
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
