"""Libraries of the page, from the Python packages that bring them: DataTables (itables) and K3D (k3d)."""

import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from pointprior.output.site.packing import compressed

TABLES, TABLES_STYLE = ("itables", "itables/html/dt_bundle.js"), ("itables", "itables/html/dt_bundle.css")
VIEWER = ("k3d", "k3d/static/standalone.js")
# K3D's, for formulas that the page has none of: rules of a style sheet in a template string, and what they refer to
FONTS = re.compile(rb"@font-face\{[^}]*(?:\$\{\w+\}[^}]*)*\}|(?<=data:font/woff2;base64,)[\w+/=]+")


def bundled(package: str, file: str) -> bytes:
    """A file of an installed package; the package is not imported, for k3d would load Jupyter's widgets.

    Raises
    ------
    FileNotFoundError
        If the package is not installed, or has no such file.
    """
    try:
        place = Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError as problem:
        raise FileNotFoundError(f"the page needs the package {package}: pip install 'pointprior[site]'") from problem
    if not place.is_file():
        raise FileNotFoundError(
            f"{place}: this version of {package} has no such file; requirements.lock names one that has"
        )
    return place.read_bytes()


@cache
def packed(package: str, file: str) -> str:
    """The same file as the text that a page holds, without fonts; compressed once in a process, for that is slow."""
    return compressed(FONTS.sub(b"", bundled(package, file)))


def version(package: str) -> str:
    """Version of an installed package."""
    return distribution(package).version
