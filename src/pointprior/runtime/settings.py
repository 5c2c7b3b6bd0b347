"""Settings: frozen dataclasses whose fields say what they mean, what holds by default and what is allowed.

A field's metadata are arguments of `pydantic.Field` (description, ge, gt, le, lt, min_length, pattern), which pydantic
reads by itself wherever such a class is the type of a field: a configuration file's section need not repeat them. The
library does without pydantic and checks the same facts here.
"""

import operator
import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

_BOUNDS = {
    "ge": (operator.ge, "at least"),
    "gt": (operator.gt, "greater than"),
    "le": (operator.le, "at most"),
    "lt": (operator.lt, "less than"),
    "min_length": (lambda value, length: len(value) >= length, "of a length of at least"),
    "pattern": (lambda value, pattern: re.fullmatch(pattern, value) is not None, "of the form"),
}


def about(
    description: str, *, why: str | None = None, decides: bool = True, **bounds: float | int | str
) -> dict[str, Any]:
    """Metadata of a dataclass field.

    Parameters
    ----------
    description : str
        What the setting means.
    why : str, optional
        Why nothing beyond the bounds makes sense, for the answer to a value that is.
    decides : bool
        Whether results depend on it; False for what changes time and memory, and results by rounding at most.
    **bounds
        `ge`, `gt`, `le`, `lt`, `min_length`, `pattern`.

    Examples
    --------
    >>> from dataclasses import dataclass, field
    >>> @dataclass(frozen=True)
    ... class Optimiser(Settings):
    ...     learning_rate: float = field(default=1e-4, metadata=about("Adam's learning rate", gt=0))
    >>> Optimiser(learning_rate=0.0)
    Traceback (most recent call last):
    ValueError: learning_rate must be greater than 0, not 0.0
    """
    return {"description": description, "why": why, "decides": decides, **bounds}


def choices(kind: Any) -> tuple[Any, ...]:
    """What a `Literal` allows, also within a union; nothing for other types.

    Examples
    --------
    >>> choices(Literal["fan", "grill"] | None)
    ('fan', 'grill', None)
    >>> choices(int | None)
    ()
    """
    return tuple(_choices(kind)) if any(get_origin(part) is Literal for part in _parts(kind)) else ()


def _parts(kind: Any) -> tuple[Any, ...]:
    """A union's types, or the type itself."""
    return get_args(kind) if type(None) in get_args(kind) else (kind,)


def _choices(kind: Any) -> Iterator[Any]:
    for part in _parts(kind):
        yield from get_args(part) if get_origin(part) is Literal else (None,)


class Settings:
    """Base of settings: a value out of bounds, or none of the choices of a `Literal`, is a ValueError."""

    def __post_init__(self):
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, item.name)
            allowed = choices(item.type)
            if allowed and value not in allowed:
                raise ValueError(f"unknown {item.name} {value!r}; choose one of {', '.join(map(str, allowed))}")
            for name, (holds, words) in _BOUNDS.items():
                bound = item.metadata.get(name)
                if bound is not None and value is not None and not holds(value, bound):
                    raise ValueError(f"{item.name} must be {words} {bound}, not {value!r}")


# what settings of several packages ask for
DEVICE = r"^(auto|cpu|cuda(:\d+)?)$"
LEARNING_RATE: dict[str, Any] = {"ge": 1e-8, "le": 10, "why": "a step of Adam moves every number by about so much"}
LARGEST_TIME: dict[str, Any] = {
    "ge": 0.01,
    "le": 1000,
    "why": "standard deviation of the first noise, where a cloud has about 0.4",
}
