"""What code a result came from: a hash of the syntax that a script can reach in this package.

The hash is of the code, not of the text: comments, docstrings, formatting and the package's version
number do not count, so that editing them makes no finished result stale.
"""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def code_hash(script: str | os.PathLike, *modules: str) -> str:
    """SHA-256 of a script's syntax tree and of every module of this package that it imports, however indirectly.

    Imports inside functions count; modules outside the package do not (their versions are pinned). `modules` are
    dotted names of what the script imports by a name that it is given.
    """
    found: dict[str, str] = {}
    waiting = [*_parsed(Path(script))[1], *(file for name in modules for file in _files(name.split(".")))]
    while waiting:
        module = waiting.pop()
        if str(module) not in found:
            code, imported = _parsed(module)
            found[str(module)] = code
            waiting.extend(imported)
    digest = hashlib.sha256(_parsed(Path(script))[0].encode())
    for name in sorted(found):
        digest.update(f"\n# {Path(name).relative_to(PACKAGE)}\n{found[name]}".encode())
    return digest.hexdigest()


@cache
def _parsed(path: Path) -> tuple[str, tuple[Path, ...]]:
    """A file's code without what does not count, and the files of this package that it imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    imported = tuple(dict.fromkeys(file for node in ast.walk(tree) for file in _imported(node, path)))
    return ast.unparse(_Stripped().visit(tree)), imported


def _imported(node: ast.AST, path: Path) -> list[Path]:
    """Files of this package that an import statement runs."""
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
    return [file for name in names for file in _files(name.split("."))]


def _files(parts: list[str]) -> list[Path]:
    """Files that importing the dotted name runs: every package on the way, and the module itself."""
    if parts[0] != PACKAGE.name:
        return []
    files = []
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
