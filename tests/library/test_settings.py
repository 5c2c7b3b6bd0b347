"""Settings: checked by themselves, and by pydantic from the same facts."""

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Literal

import pytest
from pydantic import TypeAdapter, ValidationError

from pointprior import methods
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.execution import Execution
from pointprior.runtime.settings import Settings, about
from pointprior.structures.shards import CloudRecipe

METHODS = [method.load_settings() for method in methods.METHODS.values() if method.module]


@dataclass(frozen=True)
class Oven(Settings):
    """Something with bounds of every kind."""

    degrees: float = field(default=180.0, metadata=about("inside (in °C)", gt=0, le=300))
    minutes: int | None = field(default=None, metadata=about("null: until it is done", ge=1, lt=600))
    mode: Literal["fan", "grill"] = field(default="fan", metadata=about("where the heat comes from"))
    plug: str = field(default="F", metadata=about("of a country", pattern="[A-G]"))
    racks: tuple[int, ...] = field(default=(1,), metadata=about("in use", min_length=1))


BAD = [
    {"degrees": 0.0},
    {"degrees": 301.0},
    {"minutes": 0},
    {"minutes": 600},
    {"mode": "steam"},
    {"racks": ()},
    {"plug": "Z"},
]


@pytest.mark.parametrize("values", BAD)
def test_library_and_pydantic_refuse_the_same(values):
    (name,) = values
    with pytest.raises(ValueError, match=name):
        Oven(**values)
    with pytest.raises(ValidationError, match=name):
        TypeAdapter(Oven).validate_python(values)


def test_choices_are_listed():
    with pytest.raises(ValueError, match="unknown mode 'steam'; choose one of fan, grill"):
        Oven(mode="steam")
    with pytest.raises(ValueError, match=r"plug must be of the form \[A-G\], not 'Z'"):
        Oven(plug="Z")


@pytest.mark.parametrize("values", [{}, {"degrees": 300.0}, {"minutes": 1}, {"minutes": 599}, {"mode": "grill"}])
def test_library_and_pydantic_take_the_same(values):
    assert TypeAdapter(Oven).validate_python(values) == Oven(**values)


@pytest.mark.parametrize(
    "settings", [NetworkSpec, Stage, TrainingPlan, TrainingExecution, CloudRecipe, Schedule, Execution, *METHODS]
)
def test_every_setting_says_what_it_means(settings):
    assert is_dataclass(settings)
    properties = TypeAdapter(settings).json_schema()["properties"]
    for item in fields(settings):
        assert properties[item.name]["description"] == item.metadata["description"]


def test_pydantic_builds_a_plan_from_plain_data():
    stage = {"steps": 5, "batch": 2, "noise_mean": -1.0, "noise_std": 1, "t_max": 1}
    plan = TypeAdapter(TrainingPlan).validate_python({"stages": [stage], "augmentation": "O3"})
    assert plan == TrainingPlan(stages=(Stage(**stage | {"noise_std": 1.0, "t_max": 1.0}),), augmentation="O3")
    with pytest.raises(ValidationError, match="width 30 must be a multiple of twice"):
        TypeAdapter(NetworkSpec).validate_python({"width": 30, "heads": 4})
