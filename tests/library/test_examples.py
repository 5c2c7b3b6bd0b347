"""What the documentation shows runs as it is typed: docstrings' examples, and the Python in the pages."""

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pointprior

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "pointprior"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def modules_with_examples() -> list[str]:
    """Modules whose docstrings show a session."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text()]
    return [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in paths]


def python_of(page: Path) -> str:
    """The Python blocks of a page, one after the other, every line where it stands in the page."""
    lines, inside = [], False
    for line in page.read_text().splitlines():
        if line.startswith("```"):
            inside = line == "```python"
            line = ""
        lines.append(line if inside else "")
    return "\n".join(lines)


@pytest.mark.parametrize("name", modules_with_examples())
def test_examples_of_docstrings(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize("page", [page for page in PAGES if python_of(page).strip()], ids=lambda page: page.name)
def test_python_of_pages(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    exec(compile(python_of(page), page, "exec"), {"__name__": page.stem})


def test_readme_shows_python():
    assert "pointprior" in python_of(ROOT / "README.md")


def test_public_names_are_found_and_described():
    assert len(pointprior.__all__) == len(re.findall("^from ", (PACKAGE / "__init__.pyi").read_text(), re.MULTILINE))
    for name in pointprior.__all__:
        assert getattr(pointprior, name).__doc__, name
    with pytest.raises(AttributeError, match="reconstruct_everything"):
        pointprior.reconstruct_everything  # noqa: B018


def test_importing_the_package_imports_nothing_heavy():
    code = "import pointprior, sys; print(*{'torch', 'numpy', 'pandas', 'gemmi'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": PACKAGE.parent}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "", done.stderr
    assert done.returncode == 0, done.stderr
