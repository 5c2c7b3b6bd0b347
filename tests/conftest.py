"""Check every annotated shape and type of the library while its tests run."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture(scope="session")
def small_results() -> Any:
    """Results of a run that is small enough for a page in seconds."""
    from small_run import small_run

    return small_run()


@pytest.fixture(scope="session")
def small_page(small_results: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their page."""
    from pointprior.output.site.page import write_site

    path = tmp_path_factory.mktemp("site") / "index.html"
    write_site(path, small_results)
    return path
