"""A prior's card: what it is, what it was trained on, and how good it is; read without loading the network."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

WEIGHTS, CARD = "weights.safetensors", "card.json"


class PriorError(ValueError):
    """A folder holds no usable prior, or not the one that its card describes."""


def read_card(folder: str | os.PathLike) -> dict[str, Any]:
    """Read a prior's card, and check the weights against the checksum on it.

    Raises
    ------
    PriorError
        If a file is missing, the card is no card, or the checksum differs.
    """
    folder = Path(folder)
    for name in (WEIGHTS, CARD):
        if not (folder / name).is_file():
            raise PriorError(f"{folder}: no {name}; a prior's folder holds {WEIGHTS} and {CARD}")
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except ValueError as problem:  # neither JSON nor, perhaps, text
        raise PriorError(f"{folder / CARD}: not readable as JSON ({problem})") from problem
    absent = {"network", "sha256"} - set(card if isinstance(card, dict) else ())
    if absent:
        raise PriorError(f"{folder / CARD}: does not say {' and '.join(sorted(absent))}; is it a prior's card?")
    found = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    if found != card["sha256"]:
        raise PriorError(f"{folder / WEIGHTS}: sha256 is {found}, but {CARD} says {card['sha256']}")
    return card


def as_text(card: dict[str, Any]) -> str:
    """A card for a terminal: one line per fact, parts of a fact indented below it.

    Examples
    --------
    >>> print(as_text({"network": {"width": 192, "layers": 6}, "stages": [{"steps": 10}, {"steps": 5}]}))
    network:
      width: 192
      layers: 6
    stages:
      - steps: 10
      - steps: 5
    """
    return "\n".join(_lines(card))


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [line for key, part in value.items() for line in _titled(f"{key}:", part)]
    if isinstance(value, list):
        return [line for part in value for line in _item(_lines(part))]
    return [str(value)]


def _titled(title: str, value: Any) -> list[str]:
    if isinstance(value, dict | list) and value:
        return [title, *(f"  {line}" for line in _lines(value))]
    return [f"{title} {value}"]


def _item(lines: list[str]) -> list[str]:
    return [f"{'-' if place == 0 else ' '} {line}" for place, line in enumerate(lines)]
