"""What code a result came from: a hash of the syntax that a script can reach in this package, and of its data.

The hash is of the code, not of the text: comments, docstrings, formatting and the package's version
number do not count, so that editing them makes no finished result stale.

What a file's text comes to is kept beside Python's compiled files, by a hash of the text: parsing every file anew
takes seconds, and every call of snakemake asks for it.
"""

import ast
import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

from pointprior.runtime.files import atomic_write

PACKAGE = Path(__file__).parents[1]
# another file for each version of these rules
KEPT = Path(__file__).parent / f"__pycache__/parsed-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]}.json"
MOST_KEPT = 5000  # texts: those of many versions


def code_hash(script: str | os.PathLike, *modules: str) -> str:
    """SHA-256 of a script's syntax tree and of every module of this package that it imports, however indirectly.

    Imports inside functions count; modules outside the package do not (their versions are pinned). Files in data
    folders beside such modules (templates, printed tables) count too. `modules` are dotted names of what the script
    imports by a name that it is given.
    """
    files = reached(script, *modules)
    found = {_place(file): _parsed(file)[0] for file in files}
    found |= {_place(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in _data(files)}
    lines = [_parsed(Path(script))[0], *(f"# {place}\n{found[place]}" for place in sorted(found))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def reached(script: str | os.PathLike, *modules: str) -> set[Path]:
    """Files of this package that a script imports, or modules that it imports by name, however indirectly."""
    known, found = len(_kept()), set[Path]()
    waiting = [*_parsed(Path(script))[1], *(file for name in modules for file in _files(name))]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(_parsed(file)[1])
    if len(_kept()) > known:
        with suppress(OSError), atomic_write(KEPT) as temporary:  # where nothing can be kept, texts are parsed anew
            temporary.write_text(json.dumps(_kept()))
    return found


def _data(modules: set[Path]) -> list[Path]:
    """Files in the folders without code that lie beside modules; not those that systems and editors hide there."""
    beside = [place for package in {file.parent for file in modules} for place in package.iterdir() if place.is_dir()]
    without_code = [place for place in beside if place.name != "__pycache__" and not (place / "__init__.py").exists()]
    return [file for place in without_code for file in place.rglob("[!.]*") if file.is_file()]


def _place(path: Path) -> str:
    """A file's place in this package; nothing outside."""
    return str(path.relative_to(PACKAGE)) if PACKAGE in path.parents else ""


@cache
def _parsed(path: Path) -> tuple[str, list[Path]]:
    """A hash of a file's code without what does not count, and the files of this package that it imports."""
    text = path.read_text(encoding="utf-8")
    key = hashlib.sha256(f"{sys.version}\n{_place(path)}\n{text}".encode()).hexdigest()
    kept = _kept()
    if key not in kept:
        tree = ast.parse(text, filename=str(path))
        names = list(dict.fromkeys(name for node in ast.walk(tree) for name in _imported(node, path)))
        kept[key] = [hashlib.sha256(ast.unparse(_Stripped().visit(tree)).encode()).hexdigest(), *names]
    code, *names = kept[key]
    return code, [file for name in names for file in _files(name)]


@cache
def _kept() -> dict[str, list[str]]:
    """The hash of a text's code, and the names that it imports, by its key; this process adds to what was kept."""
    with suppress(OSError, ValueError):  # not there yet, or not whole
        kept = json.loads(KEPT.read_text())
        return kept if isinstance(kept, dict) and len(kept) <= MOST_KEPT else {}
    return {}


def _imported(node: ast.AST, path: Path) -> list[str]:
    """Dotted names of this package that an import statement may run."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level and PACKAGE in path.parents:
            above = [PACKAGE.name, *path.relative_to(PACKAGE).parts][: -node.level]
            base = ".".join([*above, base]) if base else ".".join(above)
        names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
    else:
        return []
    return [name for name in names if name.partition(".")[0] == PACKAGE.name]


@cache
def _files(name: str) -> list[Path]:
    """Files that importing the dotted name runs: every package on the way, and the module itself."""
    parts = name.split(".")
    if parts[0] != PACKAGE.name:
        return []
    files: list[Path] = []
    for end in range(1, len(parts) + 1):
        place = PACKAGE.joinpath(*parts[1:end])
        candidates = (place / "__init__.py", place.with_suffix(".py"))
        files += [file for file in candidates if file.is_file()]
    return files


class _Stripped(ast.NodeTransformer):
    """Drop docstrings and the version number; keep every block that this empties legal."""

    def _without_docstring(self, node):
        self.generic_visit(node)
        first = node.body[0] if node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            node.body = node.body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])
        return node

    visit_Module = visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = _without_docstring

    def visit_Assign(self, node):
        """Only `__version__ = ...` goes: a release changes no result."""
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        return None if names == ["__version__"] else node
