"""Reading a configuration, and saying what is wrong with one."""

from typing import Any

from pydantic import ValidationError

from benchmark.config.root import Configuration
from benchmark.errors import WorkflowError


def load(config: dict[str, Any]) -> Configuration:
    """Check a configuration and fill in what it leaves out.

    Raises
    ------
    WorkflowError
        With one line per mistake: where, what, and for an unknown key the nearest known one.
    """
    try:
        return Configuration.model_validate(config)
    except ValidationError as problem:
        lines = [_line(error) for error in problem.errors()]
    raise WorkflowError("the configuration has mistakes:\n" + "\n".join(f"  {line}" for line in lines))


def _line(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "value_error":  # our own: complete sentences
        message = str(error["ctx"]["error"])
    elif error["type"] == "missing":
        message = "is required"
    elif error["type"] == "too_short":
        message = "needs at least {min_length}, but has {actual_length}".format(**error["ctx"])
    else:
        given = repr(error["input"])
        message = f"{error['msg'][0].lower()}{error['msg'][1:]}, but is {given[:60]}{'…' * (len(given) > 60)}"
    return f"{place}: {message}" if place else message
