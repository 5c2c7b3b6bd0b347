"""Settings: frozen dataclasses whose fields say what they mean, what holds by default and what is allowed.

A field's metadata are arguments of `pydantic.Field` (description, ge, gt, le, lt, min_length), which pydantic reads by
itself wherever such a class is the type of a field: a configuration file's section need not repeat them. The library
does without pydantic and checks the same facts here.
"""

import operator
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin

_BOUNDS = {
    "ge": (operator.ge, "at least"),
    "gt": (operator.gt, "greater than"),
    "le": (operator.le, "at most"),
    "lt": (operator.lt, "less than"),
    "min_length": (lambda value, length: len(value) >= length, "of a length of at least"),
}


def about(description: str, **bounds: float | int) -> dict[str, Any]:
    """Metadata of a dataclass field: what it means, and its bounds (`ge`, `gt`, `le`, `lt`, `min_length`).

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
    return {"description": description, **bounds}


class Settings:
    """Base of settings: a value out of bounds, or none of the choices of a `Literal`, is a ValueError."""

    def __post_init__(self):
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, item.name)
            if get_origin(item.type) is Literal and value not in get_args(item.type):
                raise ValueError(f"unknown {item.name} {value!r}; choose one of {', '.join(get_args(item.type))}")
            for name, (holds, words) in _BOUNDS.items():
                bound = item.metadata.get(name)
                if bound is not None and value is not None and not holds(value, bound):
                    raise ValueError(f"{item.name} must be {words} {bound}, not {value!r}")
