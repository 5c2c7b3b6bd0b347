"""What every section of the configuration shares: ranges of numbers, plain texts, and answers to mistyped keys."""

import difflib
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema


@dataclass(frozen=True)
class Within:
    """The sensible range of a number, both ends included, and why nothing beyond them is.

    An annotation of an int or float; NaN, which is in no range, and yes and no, which are no numbers, are refused too.
    """

    least: float
    most: float
    why: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        number = core_schema.no_info_before_validator_function(_no_truth_value, handler(source))
        return core_schema.no_info_after_validator_function(self.checked, number)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return handler(schema) | {"minimum": self.least, "maximum": self.most}

    def checked(self, value: float) -> float:
        """The value, if it is in the range."""
        if not self.least <= value <= self.most:
            raise ValueError(f"should be from {self.least:g} to {self.most:g} ({self.why}), but is {value}")
        return value


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError(f"should be a number, but is {str(value).lower()}")
    return value


def _plain(text: str) -> str:
    if not text.isprintable() or not text.strip():
        raise ValueError(f"{text!r} is no line of text")
    if text.count("$") > 1:
        raise ValueError(f"{text!r}: figures read what stands between $ as mathematics; write the signs (α, ²) instead")
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as problem:
        raise ValueError(f"{text!r} is no regular expression: {problem}") from None
    return text


# entries, or files that list them; a single one may stand without a list
Listed = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]
Entries = Annotated[Listed, Field(min_length=1)]
# what figures and models show
Text = Annotated[str, Field(max_length=120), AfterValidator(_plain)]
Pattern = Annotated[str, AfterValidator(_pattern)]
# of a folder of the results, and part of the names of others
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]

# numbers that several sections ask for
Samples = Annotated[int, Within(1, 10_000, "one job draws them all, and one file holds them")]
Steps = Annotated[int, Within(2, 10_000, "of a first and a last time step; thousands change nothing but the hours")]
GradientSteps = Annotated[int, Within(1, 100_000, "at least one; each costs a matching of all points")]
LearningRate = Annotated[float, Within(1e-8, 10, "a step of Adam moves every number by about so much")]
FirstTime = Annotated[float, Within(0.01, 1000, "standard deviation of the first noise, where a cloud has about 0.4")]
LastTime = Annotated[float, Within(1e-5, 1, "standard deviation of the last noise, where points lie about 0.05 apart")]
Rho = Annotated[float, Within(1, 100, "1 spaces the steps equally, 7 is EDM's")]
Share = Annotated[float, Within(0, 1, "a share")]


class Section(BaseModel):
    """A mapping whose keys are all known; a mistyped one is answered with the nearest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, values: Any) -> Any:
        unknown = [key for key in values if key not in cls.model_fields] if isinstance(values, dict) else []
        if unknown:
            raise ValueError("; ".join(f"unknown key '{key}'{nearest(key, cls.model_fields)}" for key in unknown))
        return values


class Descent(Section):
    """Time steps from noise down to a cloud."""

    t_max: FirstTime = Field(1.0, description="first time (units of the cube)")
    t_min: LastTime = Field(0.002, description="last time above zero")
    rho: Rho = Field(3.0, description="how much the steps crowd towards t_min")

    @model_validator(mode="after")
    def _downwards(self) -> "Descent":
        if self.t_min >= self.t_max:
            raise ValueError(f"time runs down from t_max to t_min, but t_min {self.t_min} is no less than {self.t_max}")
        return self


def nearest(key: object, known: Any) -> str:
    """' (did you mean ...?)', or the known keys if none is near."""
    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(str(key), names, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(names)}"
