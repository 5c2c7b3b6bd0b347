"""Tables of the procedural models, for the page on the stand-in."""

import markdown

from pointprior.shapes.procedural.models import MODELS
from pointprior.shapes.procedural.parameters import Choice, Parameter


def table(part: str) -> str:
    """All models (`models`), or the parameters of one of them by its category."""
    return _models() if part == "models" else _parameters(part)


def _models() -> str:
    rows = [
        [
            name,
            ", ".join(model.parts),
            len(model.parameters),
            ", ".join(p.name.replace("_", " ") for p in model.parameters),
        ]
        for name, model in MODELS.items()
    ]
    return markdown.table(["category", "parts", "parameters", "which"], rows)


def _parameters(category: str) -> str:
    parameters = MODELS[category].parameters
    rows = [
        [f"`{p.name}`", _values(p), p.meaning, getattr(p, "follows", getattr(p, "given", None)) or ""]
        for p in parameters
    ]
    return markdown.table(["parameter", "values", "meaning", "depends on"], rows)


def _values(parameter: Parameter) -> str:
    if isinstance(parameter, Choice):
        return ", ".join(parameter.options)
    return f"{parameter.low:g} to {parameter.high:g}"
