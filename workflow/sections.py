"""What every section of the configuration shares: checked kinds of values, and answers to mistyped keys."""

import difflib
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
# entries, or files that list them; a single one may stand without a list
Entries = Annotated[list[str], BeforeValidator(lambda value: [value] if isinstance(value, str) else value)]


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


def nearest(key: object, known: Any) -> str:
    """' (did you mean ...?)', or the known keys if none is near."""
    names = sorted(str(name) for name in known)
    near = difflib.get_close_matches(str(key), names, n=1, cutoff=0.5)
    return f"; did you mean '{near[0]}'?" if near else f"; known are {', '.join(names)}"
