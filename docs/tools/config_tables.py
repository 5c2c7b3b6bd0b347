"""The key tables of config/README.md, from the schema of the configuration."""

import json
from collections.abc import Iterator
from functools import cache

import markdown
from benchmark.config import Configuration

GENERAL = "general"  # the keys that are no section


@cache
def _schema() -> dict:
    return Configuration.model_json_schema()


def sections() -> list[str]:
    """Sections of the configuration, by their keys."""
    found = [key for key, value in _schema()["properties"].items() if _inner(value)]
    return [GENERAL, *found]


def keys(section: str) -> str:
    """Table of a section's keys: name, kind of value, default, meaning."""
    properties = _schema()["properties"]
    if section == GENERAL:
        chosen = {key: value for key, value in properties.items() if not _inner(value)}
        rows = list(_rows({"properties": chosen}, {}, ""))
    else:
        value = properties[section]
        default = value.get("default", {})
        rows = list(_rows(_inner(value), default if not _is_table(value) else {}, ""))
    return markdown.table(["key", "value", "default", "meaning"], rows)


def _rows(model: dict, defaults: dict, above: str) -> Iterator[tuple[str, str, str, str]]:
    """A row for each key; those of a section within are named after it."""
    for key, value in model["properties"].items():
        inner = _inner(value)
        default = defaults.get(key, value.get("default", ...))
        if inner and not _is_table(value) and not _may_be_null(value):
            yield from _rows(inner, default if isinstance(default, dict) else {}, f"{above}{key}.")
            continue
        shown = f"`{above}{key}`", _kind(value), _default(key, model, default), value.get("description", "")
        yield shown
        if inner:
            yield from _rows(inner, {}, f"{above}{key}.")


def _inner(value: dict) -> dict | None:
    """The section that a key's value is, or holds."""
    named = [value.get("additionalProperties", {}), *value.get("patternProperties", {}).values()]
    candidates = [value, value.get("items", {}), *named, *value.get("anyOf", [])]
    for candidate in candidates:
        if isinstance(candidate, dict) and "$ref" in candidate:
            model = _schema()["$defs"][candidate["$ref"].rsplit("/", 1)[1]]
            if "properties" in model:
                return model
    return None


def _is_table(value: dict) -> bool:
    """Whether a key holds sections by name, or a list of them."""
    return value.get("type") in ("object", "array")


def _may_be_null(value: dict) -> bool:
    return {"type": "null"} in value.get("anyOf", [])


def _kind(value: dict) -> str:
    """What may stand there, in words."""
    if "anyOf" in value:
        return " or ".join(dict.fromkeys(_kind(option) for option in value["anyOf"]))
    if "const" in value:
        return f"`{value['const']}`"
    if "enum" in value:
        return ", ".join(f"`{option}`" for option in value["enum"])
    if "$ref" in value:
        return "section"
    kind = value.get("type")
    if kind == "array":
        return f"list of {_plural(_kind(value['items']))}"
    if kind == "object":
        return "sections by name"
    return {"integer": "whole number", "null": "null", "string": "text", "boolean": "true or false"}.get(
        kind, kind or "anything"
    ) + _range(value)


def _plural(kind: str) -> str:
    """'list of numbers > 0'."""
    if kind.startswith("`") or kind == "text":
        return kind
    first, *rest = kind.split(" ")
    if first == "whole":
        first, rest = "whole numbers", rest[1:]
    else:
        first += "s"
    return " ".join([first, *rest])


def _range(value: dict) -> str:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    limits = [f"{sign} {value[name]:g}" for name, sign in signs.items() if name in value]
    return " " + ", ".join(limits) if limits else ""


def _default(key: str, model: dict, default: object) -> str:
    if default is ...:
        return "required" if key in model.get("required", []) else ""
    if isinstance(default, dict) or (isinstance(default, list) and default and isinstance(default[0], dict)):
        return "see config.yaml"
    text = json.dumps(default, ensure_ascii=False)
    return f"`{text[1:-1]}`" if isinstance(default, str) else f"`{text}`"
