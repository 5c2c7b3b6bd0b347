"""Libraries of the page, from the Python packages that bring them: DataTables (itables) and K3D (k3d)."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

TABLES, TABLES_STYLE = ("itables", "itables/html/dt_bundle.js"), ("itables", "itables/html/dt_bundle.css")
VIEWER = ("k3d", "k3d/static/standalone.js")


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


def version(package: str) -> str:
    """Version of an installed package."""
    return distribution(package).version
