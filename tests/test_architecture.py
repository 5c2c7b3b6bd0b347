"""The house keeps its floors: a module imports only from packages on floors below, read from the imports themselves."""

import ast
import re
from pathlib import Path

import pytest

from pointprior.methods import METHODS, Method
from pointprior.runtime.provenance import reached

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "src" / "pointprior"
FLOORS = {
    "runtime": 0,
    "clouds": 1,
    "methods": 1,
    "images": 2,
    "structures": 2,
    "shapes": 2,
    "measurements": 3,
    "priors": 3,
    "reconstruction": 4,
    "scoring": 4,
    "output": 5,
    "compilation": 6,
    "cli": 7,
}


def room(path: Path) -> str:
    """The package, or the module outside of all packages, that a file belongs to."""
    return path.relative_to(LIBRARY).with_suffix("").parts[0]


def imported_rooms(source: str) -> set[str]:
    """Rooms of this package that a source imports from, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    rooms = {name.split(".")[1] for name in names if name.startswith("pointprior.")}
    return {name for name in rooms if not name.startswith("__")}


def upward(path: Path, source: str) -> set[str]:
    """Rooms that a file may not import from: on its own floor or above, other than its own."""
    own = room(path)
    return {other for other in imported_rooms(source) - {own} if FLOORS[other] >= FLOORS[own]}


def library_files() -> list[Path]:
    return sorted(path for path in LIBRARY.rglob("*.py") if path.parent != LIBRARY or path.name != "__init__.py")


@pytest.mark.parametrize("path", library_files(), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_imports_point_downward(path):
    assert not upward(path, path.read_text())


def test_an_arrow_upward_is_found():
    scoring = LIBRARY / "scoring/metrics.py"
    assert upward(scoring, "from pointprior.output.models import write_models") == {"output"}
    assert upward(scoring, "def f():\n    from pointprior.reconstruction import dps") == {"reconstruction"}
    assert upward(scoring, "import pointprior.structures.atoms") == set()
    assert upward(scoring, "from pointprior.scoring.alignment import align") == set()


def reached_by(method: Method) -> set[Path]:
    """Library files that reconstructing by a method needs."""
    return reached(ROOT / "scripts/reconstruction/reconstruct.py", method.module)


WITH_CODE = [method for method in METHODS.values() if method.module]


@pytest.mark.parametrize("method", [m for m in WITH_CODE if m.role == "baseline"], ids=lambda method: method.name)
def test_baselines_cannot_reach_a_prior(method):
    assert not [path for path in reached_by(method) if room(path) == "priors"]


def test_controls_made_of_points_cannot_reach_a_prior():
    assert not [path for path in reached(ROOT / "scripts/reconstruction/copy_control.py") if room(path) == "priors"]


@pytest.mark.parametrize("method", WITH_CODE, ids=lambda method: method.name)
def test_methods_do_not_reach_what_made_their_data(method):
    """A change in coarse-graining or in synthesis makes no reconstruction stale but through its files."""
    assert {path.name for path in reached_by(method)}.isdisjoint({"mixtures.py", "synthesis.py"})


def test_the_page_on_architecture_has_these_rooms_on_these_floors():
    page = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", page, flags=re.MULTILINE)
    assert {name: int(floor) for floor, name in rows} == FLOORS


def test_every_room_is_a_package_or_a_module_and_has_its_floor():
    assert {room(path) for path in library_files()} == set(FLOORS)
