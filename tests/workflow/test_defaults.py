"""Sections that derive from the library's settings: the same names, defaults, meanings, ranges and checks."""

import subprocess
import sys
from dataclasses import dataclass, field, fields
from typing import Literal

import pytest
from benchmark.config import Configuration
from benchmark.config.derived import section
from benchmark.config.methods import SECTIONS, Execution, Unconditional, section_of
from benchmark.config.priors import Network, Training
from benchmark.config.sections import Section
from conftest import ROOT
from pydantic import ValidationError

from pointprior.methods import METHODS
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import TrainingExecution, TrainingPlan
from pointprior.reconstruction import schedule
from pointprior.runtime.settings import Settings, about
from pointprior.structures.shards import CloudRecipe


@dataclass(frozen=True)
class Shelf(Settings):
    """Where something lies in an oven."""

    height: int = field(metadata=about("from below", ge=1, le=5, why="there are five"))


@dataclass(frozen=True)
class Oven(Settings):
    """Something with settings of every kind.

    Not of the section's description.
    """

    degrees: float = field(default=180.0, metadata=about("inside (in °C)", ge=20, le=300, why="it melts"))
    minutes: int | None = field(default=None, metadata=about("null: until done", ge=1, le=600, why="it burns"))
    mode: Literal["fan", "grill"] | None = field(default="fan", metadata=about("where the heat comes from"))
    shelves: tuple[Shelf, ...] = field(default=(Shelf(2),), metadata=about("in use", min_length=1))
    light: bool = field(default=True, metadata=about("so that one sees", decides=False))

    def __post_init__(self):
        super().__post_init__()
        if self.mode == "grill" and self.degrees < 200:
            raise ValueError("a grill takes 200 °C")


Kitchen = section(Oven, degrees=200.0)


def test_section_has_the_fields_of_the_settings():
    properties = Kitchen.model_json_schema()["properties"]
    assert Kitchen.__doc__ == "Something with settings of every kind."
    for item in fields(Oven):
        assert properties[item.name]["description"] == item.metadata["description"]
    assert (properties["degrees"]["minimum"], properties["degrees"]["maximum"]) == (20, 300)
    assert properties["minutes"]["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": 600}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"degres": 1}, "unknown key 'degres'; did you mean 'degrees'?"),
        ({"degrees": 301}, r"should be from 20 to 300 \(it melts\), but is 301"),
        ({"minutes": 0}, r"should be from 1 to 600 \(it burns\), but is 0"),
        ({"mode": "steam"}, "should be 'fan' or 'grill'"),
        ({"shelves": []}, "at least 1 item"),
        ({"shelves": [{"height": 6}]}, r"should be from 1 to 5 \(there are five\)"),
        ({"shelves": [{"hight": 1}]}, "did you mean 'height'?"),
        ({"mode": "grill", "degrees": 100}, "a grill takes 200 °C"),
    ],
)
def test_mistakes_are_answered(values, message):
    with pytest.raises(ValidationError, match=message):
        Kitchen.model_validate(values)


def test_settings_come_back_whole():
    assert Kitchen().settings() == Oven(degrees=200.0)
    asked = {"degrees": 250, "minutes": 5, "mode": None, "shelves": [{"height": 1}, {"height": 3}], "light": False}
    expected = Oven(250.0, 5, None, (Shelf(1), Shelf(3)), light=False)
    assert Kitchen.model_validate(asked).settings() == expected


def test_what_decides_results_is_told_from_what_does_not():
    assert Kitchen().deciding(without=("mode",)) == {
        "degrees": 200.0,
        "minutes": None,
        "shelves": [{"height": 2}],
    }


def test_keys_that_change_no_result_are_these():
    assert set(Execution().model_dump()) - set(Execution().deciding()) == {"device", "batch"}
    idle = {"checkpoint_seconds", "compile", "recompute", "nodes", "gpus", "on_cpu"}
    assert set(Training().model_dump()) - set(Training().deciding()) == idle
    structures = Configuration().structures
    assert set(structures.model_dump()) - set(structures.deciding()) == {"mirrors", "download"}
    for name, of_method in SECTIONS.items():
        assert of_method().deciding() == getattr(Configuration(), name).model_dump()


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.module])
def test_every_method_with_settings_has_its_section(name):
    method = METHODS[name]
    assert method.load().Settings is method.load_settings()
    assert getattr(Configuration(), name).settings() == method.load_settings()()


def test_a_method_of_one_module_has_a_section(monkeypatch):
    """Without a module of its own for the settings: they are found in the method's."""
    from dataclasses import replace

    toy = replace(METHODS["ml"], name="toy_method", settings=None)
    assert section_of(toy).__name__ == "ToyMethod"
    assert section_of(toy)().settings() == METHODS["ml"].load_settings()()


@pytest.mark.parametrize(
    ("made", "settings"),
    [
        (Network(), NetworkSpec()),
        (Training(), TrainingPlan()),
        (Training(), TrainingExecution()),
        (Unconditional(), schedule.Unconditional()),
    ],
)
def test_defaults_are_the_librarys(made, settings):
    assert made.settings(type(settings)) == settings


def test_defaults_of_clouds_are_the_librarys():
    """Of a section that is written by hand: the module with the library's is slow to import."""
    recipe, training, settings = CloudRecipe(), Training(), Configuration()
    assert (training.fits, training.sub_assemblies) == (recipe.fits, recipe.sub_assemblies)
    assert settings.coarse_grain.components == recipe.components
    assert settings.structures.assembly == recipe.assembly


def test_configurations_are_read_without_torch():
    code = "import sys; import benchmark.plan; sys.exit('torch' in sys.modules or 'scipy' in sys.modules)"
    paths = f"{ROOT / 'src'}:{ROOT / 'workflow'}"
    subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": paths}, check=True, timeout=60)


def test_hand_written_sections_mark_nothing_by_mistake():
    assert issubclass(Kitchen, Section)
    assert Configuration().coarse_grain.deciding() == Configuration().coarse_grain.model_dump()
