"""Every number that the configuration takes: nonsense is answered at planning, whatever the key."""

import math
from collections.abc import Iterator

import pytest
from benchmark import config as configuration
from benchmark.errors import WorkflowError

NONSENSE = [math.nan, math.inf, -math.inf, -1e30, 1e30, 1e300, 10**400, True, "many", [], {"a": 1}]
SMALL = [0, -1, 1e-300, 0.5]
SCHEMA = configuration.Configuration.model_json_schema()
# what must be said besides, for a mapping or an entry of a list to be whole
COMPANIONS = {
    "Task": {"projections": 2, "alpha": 1},
    "Showcase": {"projections": 2, "alpha": 1},
    "Dataset": {"categories": ["Mug"], "prior": "cryostruct", "tasks": {"a": {"projections": 2, "alpha": 1}}},
    "Own": {"images": "classes.star"},
    "Stage": {"steps": 1, "batch": 1, "noise_mean": 0, "noise_std": 1, "t_max": 1},
}
NAMED = {
    "priors": "cryostruct",
    "tasks": "a",
    "showcases": "1abc",
    "datasets": "shapes",
    "variants": "A",
    "own": "mine",
}


def numbers(schema: dict, path: tuple = ()) -> Iterator[tuple[tuple, dict, dict]]:
    """Every number below a schema: its path, its own schema, and what must be said beside each step of the path."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    for branch in [*schema.get("anyOf", []), *schema.get("allOf", [])]:
        yield from numbers(branch, path)
    if schema.get("type") in ("integer", "number"):
        yield path, schema
    elif schema.get("type") == "array":
        yield from numbers(schema["items"], (*path, 0))
    elif schema.get("type") == "object":
        for key, value in schema.get("properties", {}).items():
            yield from numbers(value, (*path, key))
        others = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
        for value in [value for value in others if isinstance(value, dict)]:
            yield from numbers(value, (*path, NAMED[path[-1]]))


NUMBERS = dict(numbers(SCHEMA))


def said(path: tuple, value) -> dict:
    """A configuration that says this value at this place, and what must stand beside it."""
    content = value
    for depth in range(len(path) - 1, -1, -1):
        key = path[depth]
        if key == 0:
            content = [content] * (2 if path[depth - 1] in ("alphas", "weights") else 1)
        else:
            content = _beside(path[:depth]) | {key: content}
    return content


def _beside(path: tuple) -> dict:
    if len(path) > 1 and path[-2] in ("tasks", "showcases"):
        return dict(COMPANIONS["Task"])
    if path == ("own", "mine"):
        return dict(COMPANIONS["Own"])
    if path == ("datasets", "shapes"):
        return dict(COMPANIONS["Dataset"])
    if len(path) > 2 and path[-2:] == ("stages", 0):
        return dict(COMPANIONS["Stage"])
    return {}


def found(settings, path: tuple):
    """The value at a place of a checked configuration."""
    for key in path:
        settings = settings[key] if isinstance(settings, dict | list) else getattr(settings, str(key))
    return settings


def test_the_schema_has_been_walked():
    assert len(NUMBERS) > 60
    for path in [
        ("samples",),
        ("priors", "cryostruct", "training", "stages", 0, "noise_mean"),
        ("tasks", "a", "weights", 0),
    ]:
        assert path in NUMBERS


@pytest.mark.parametrize("path", NUMBERS, ids=lambda path: ".".join(map(str, path)))
def test_every_number_has_a_range_and_a_reason(path):
    schema = NUMBERS[path]
    assert -math.inf < schema["minimum"] < schema["maximum"] < math.inf
    for value in (math.nextafter(schema["minimum"], -math.inf), schema["maximum"] * 2 + 1):
        with pytest.raises(WorkflowError) as problem:
            configuration.load(said(path, value if schema["type"] == "number" else math.floor(value)))
        assert ".".join(map(str, path)) in str(problem.value)
        assert "should be from" in str(problem.value)
        assert " (" in str(problem.value)  # why


@pytest.mark.parametrize("path", NUMBERS, ids=lambda path: ".".join(map(str, path)))
def test_nonsense_is_answered_at_planning(path):
    place = ".".join(map(str, path))
    for value in NONSENSE:
        with pytest.raises(WorkflowError) as problem:
            configuration.load(said(path, value))
        message = str(problem.value)
        assert place in message, message
        assert len(message) < 600


@pytest.mark.parametrize("path", NUMBERS, ids=lambda path: ".".join(map(str, path)))
def test_small_and_extreme_numbers_are_answered_or_within_the_range(path):
    schema = NUMBERS[path]
    for value in [*SMALL, schema["minimum"], schema["maximum"]]:
        try:
            settings = configuration.load(said(path, value))
        except WorkflowError:
            continue
        assert schema["minimum"] <= found(settings, path) == value <= schema["maximum"]
