"""Parts of a batch in turn: while the CPU matches one, the GPU runs the network on another.

A GPU works off what it is given while the program goes on; the program waits only where it reads a result. So samplers
are generators: they yield between asking the network for clouds and reading them, and meanwhile the other parts have
their turn. That takes one thread, and the order is always the same, on any device.
"""

from collections.abc import Generator, Sequence
from typing import TypeVar

Result = TypeVar("Result")
Turns = Generator[None, None, Result]


def in_turn(parts: Sequence[Turns[Result]]) -> list[Result]:
    """Advance every part by one turn, again and again until all have ended; an error of one ends the others.

    Examples
    --------
    >>> def counted(name, turns):
    ...     for turn in range(turns):
    ...         print(name, turn)
    ...         yield
    ...     return name * turns
    >>> in_turn([counted("a", 1), counted("b", 2)])
    a 0
    b 0
    b 1
    ['a', 'bb']
    """
    results: dict[int, Result] = {}
    try:
        while len(results) < len(parts):
            for k, part in enumerate(parts):
                if k not in results:
                    try:
                        next(part)
                    except StopIteration as ended:
                        results[k] = ended.value
    finally:
        for part in parts:
            part.close()  # lets go of what it holds on the device
    return [results[k] for k in range(len(parts))]


def alone(part: Turns[Result]) -> Result:
    """What a part gives that shares its turns with no other."""
    return in_turn([part])[0]


def divided(chosen: range, parts: int) -> list[range]:
    """Consecutive samples in so many parts of nearly the same size, none of them empty.

    Examples
    --------
    >>> divided(range(5, 10), 2)
    [range(5, 8), range(8, 10)]
    >>> divided(range(1), 2)
    [range(0, 1)]
    """
    parts = min(parts, len(chosen))
    size, larger = divmod(len(chosen), parts)
    ends = [chosen.start + (k + 1) * size + min(k + 1, larger) for k in range(parts)]
    return [range(start, end) for start, end in zip([chosen.start, *ends], ends, strict=False)]
