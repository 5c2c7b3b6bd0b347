"""The package brings the files that its code reads."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "pointprior"


def test_everything_that_is_no_module_is_package_data():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["pointprior"]
    shipped = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    there = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in there if path.suffix not in (".py", ".pyi", ".typed")} <= shipped
    assert PACKAGE / "output/site/templates/viewer.js" in shipped
