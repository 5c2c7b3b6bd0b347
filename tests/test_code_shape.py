"""Files and functions stay short, and compiled code can be cached."""

import ast
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PYTHON = sorted(path for folder in ("src", "workflow", "scripts") for path in (ROOT / folder).rglob("*.py"))
RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow/rules").glob("*.smk"))]
LONGEST_FILE, LONGEST_FUNCTION, MOST_RULE_LINES = 350, 40, 1050


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lengths(source: str) -> dict[str, int]:
    """Lines of every function's body without its docstring, by name and line."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            found[f"{node.name}:{node.lineno}"] = body[-1].end_lineno - body[0].lineno + 1 if body else 0
    return found


def foreign_calls(source: str) -> set[str]:
    """Names that compiled functions take from other modules of this package."""
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    ours = {a.asname or a.name for node in imports if (node.module or "").startswith("pointprior") for a in node.names}
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    compiled = [node for node in functions if any("njit" in ast.unparse(d) for d in node.decorator_list)]
    return {n.id for function in compiled for n in ast.walk(function) if isinstance(n, ast.Name)} & ours


def test_bodies_are_counted_without_docstrings():
    assert lengths('def f():\n    """Doc."""\n    a = 1\n\n    return a\n\n\ndef g(): pass') == {"f:1": 3, "g:8": 1}


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_files_and_functions_are_short(path):
    source = path.read_text()
    assert not {function: lines for function, lines in lengths(source).items() if lines > LONGEST_FUNCTION}
    assert len(source.splitlines()) <= LONGEST_FILE


def test_most_functions_are_very_short():
    counted = [lines for path in PYTHON for lines in lengths(path.read_text()).values()]
    assert np.median(counted) <= 6
    assert np.percentile(counted, 90) <= 20


def test_no_two_test_modules_share_a_name():
    """Pytest would not begin: modules without a package are known by their names alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)


def test_rules_stay_few_lines():
    """What every rule has stands in `benchmark.completion`; what differs in names or numbers stands in a table."""
    counted = {name(path): len(path.read_text().splitlines()) for path in RULES}
    assert sum(counted.values()) <= MOST_RULE_LINES, counted


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_compiled_functions_call_none_of_other_files(path):
    """Numba's cache does not see changes in other files: it would go on with the old code."""
    assert not foreign_calls(path.read_text())


def test_a_foreign_call_is_found():
    source = "from pointprior.a import f, g\n@njit(cache=True)\ndef h():\n    return f()\ndef k():\n    return g()\n"
    assert foreign_calls(source) == {"f"}
