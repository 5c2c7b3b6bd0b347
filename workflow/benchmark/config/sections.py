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

from pointprior.reconstruction.settings.ranges import TIME_STEPS


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
Steps = Annotated[int, Within(TIME_STEPS["ge"], TIME_STEPS["le"], TIME_STEPS["why"])]

# marks keys that change time and memory, but no result: rules take the others of a section, see `Section.deciding`
CHANGES_NO_RESULT = "changes no result"


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

    def deciding(self, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """The keys on which results depend, as plain values: what a rule goes by."""
        idle = {key for key, field in type(self).model_fields.items() if CHANGES_NO_RESULT in field.metadata}
        return self.model_dump(exclude=idle.union(without))


def nearest(key: object, known: Any) -> str:
    """' (did you mean ...?)', or the known keys if none is near."""
    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(str(key), names, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(names)}"
