"""What describes an object of a category: real numbers, counts and choices, with ranges and meanings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np


@dataclass(frozen=True)
class Real:
    """A real number within a range.

    Attributes
    ----------
    name : str
        Attribute that it is read by.
    low, high : float
        Range.
    meaning : str
        What it is, and its unit.
    follows : str, optional
        An earlier real number that it is correlated with.
    strength : float
        How much of its place in the range is that number's place in its own: 0 is independent, 1 is proportional.
    """

    name: str
    low: float
    high: float
    meaning: str
    follows: str | None = None
    strength: float = 0.7

    def draw(self, generator: np.random.Generator, places: dict[str, float], drawn: Mapping) -> float:
        """Draw it, given what was drawn before; a mean of two places within a range stays within it."""
        place = generator.random()
        if self.follows is not None:
            place = (1 - self.strength) * place + self.strength * places[self.follows]
        places[self.name] = place
        return self.low + place * (self.high - self.low)

    def holds(self, value) -> bool:
        """Whether a value is in the range."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Count:
    """A whole number within a range, both ends included."""

    name: str
    low: int
    high: int
    meaning: str

    def draw(self, generator: np.random.Generator, places: dict[str, float], drawn: Mapping) -> int:
        """Draw it; all numbers are as likely."""
        return int(generator.integers(self.low, self.high + 1))

    def holds(self, value) -> bool:
        """Whether a value is in the range."""
        return value in range(self.low, self.high + 1)


@dataclass(frozen=True)
class Choice:
    """One of several kinds.

    Attributes
    ----------
    name, meaning : str
        As of a real number.
    options : mapping of str to float
        Weights of the kinds.
    given : str, optional
        An earlier choice that changes the weights.
    weights : mapping of str to mapping
        Weights instead of `options` where the earlier choice is the key.
    """

    name: str
    options: Mapping[str, float]
    meaning: str
    given: str | None = None
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def draw(self, generator: np.random.Generator, places: dict[str, float], drawn: Mapping) -> str:
        """Draw one, given what was drawn before."""
        options = self.options if self.given is None else self.weights.get(drawn[self.given], self.options)
        bounds = np.cumsum(list(options.values()))
        return list(options)[int(np.searchsorted(bounds, generator.random() * bounds[-1], side="right"))]

    def holds(self, value) -> bool:
        """Whether a value is one of the kinds."""
        return value in self.options


Parameter = Real | Count | Choice


def draw(parameters: Sequence[Parameter], generator: np.random.Generator) -> SimpleNamespace:
    """A value for every parameter, in their order."""
    places: dict[str, float] = {}
    drawn: dict[str, float | int | str] = {}
    for parameter in parameters:
        drawn[parameter.name] = parameter.draw(generator, places, drawn)
    return SimpleNamespace(**drawn)
