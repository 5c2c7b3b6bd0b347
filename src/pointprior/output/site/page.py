"""The page: all its parts set into one file that opens without a server and asks the network for nothing."""

import json
import os
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex

from pointprior import __version__
from pointprior.methods import METHODS
from pointprior.output.figures.reconstructions import CHAIN_COLOURS, PLAIN, SPREAD_MAP
from pointprior.output.site import leaderboard, plots, terms, words
from pointprior.output.site.bundled import TABLES, TABLES_STYLE, VIEWER, packed
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.packing import compressed, pack
from pointprior.output.site.pictures import still
from pointprior.output.site.results import Results, Task
from pointprior.output.site.scenes import assess, scene
from pointprior.runtime.files import atomic_write
from pointprior.runtime.processes import in_processes

STOPS = 9  # colours that a colour map is sent as


def write_site(path: str | os.PathLike, results: Results, *, processes: int = 1) -> None:
    """Write the page; exhibits are drawn in so many processes.

    Raises
    ------
    ValueError
        If there are no scores, or an exhibit is of a task that has none.
    FileNotFoundError
        If a library of the page is not installed.
    """
    if results.scores.empty:
        raise ValueError("there are no scores: the page would be empty")
    page = _environment().get_template("site.html").render(_content(results, processes))
    with atomic_write(path) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _content(results: Results, processes: int) -> dict[str, Any]:
    """What the template sets into the page."""
    compared = leaderboard.comparisons(results)
    board = leaderboard.leaderboard(results, compared)
    drawn = in_processes(_exhibit, results.exhibits, processes=processes)
    exhibits = {each["exhibit"].name: each for each in drawn}
    methods = [METHODS[name] for name in METHODS if (results.scores["method"] == name).any()]
    return {
        "version": __version__,
        "methods": methods,
        "baselines": [method for method in methods if method.role == "baseline"],
        "roles": leaderboard.ROLES,
        "home": words.home(results, board, compared),
        "leaderboard": [row for rows in board.values() for row in rows],
        "overview": plots.overview(results),
        "tasks": [_task(results, task, board, compared) for task in results.shown],
        "entries": [entry for task in results.shown for entry in _entries(results, task, exhibits)],
        "scenes": {name: found["scene"] for name, found in exhibits.items()},
        "terms": terms.glossary(methods),
        "facts": results.facts,
        "counts": _counts(results),
        "libraries": _libraries(viewer=bool(exhibits)),
        "colours": json.dumps(_colours()),
        "names": leaderboard.NAMES,
        "units": leaderboard.UNITS,
        "factors": leaderboard.FACTORS,
    }


def _counts(results: Results) -> list[tuple[int, str]]:
    """Numbers that say how large the run is."""
    scores, averaged = results.scores, len(results.averaged)
    own = len(results.shown) - averaged  # tasks of one structure, which no row of the leaderboard has
    counted = [(scores["structure"].nunique(), "structure"), (averaged, "task"), (own, "showcase")]
    counted += [(scores["method"].nunique(), "method"), (len(scores), "model")]
    return [(number, f"{name}{'s' * (number != 1)}") for number, name in counted if number]


def _task(results: Results, task: Task, board: leaderboard.Board, compared: pd.DataFrame) -> dict[str, Any]:
    return {
        "task": task,
        "words": words.task(results, task, board),
        "methods": board.get(task.name, []),
        "comparisons": [] if task.own else leaderboard.comparison_rows(compared, task),
        "structures": leaderboard.structure_rows(results, task),
        "plots": plots.of_task(results, task),
    }


def _entries(results: Results, task: Task, exhibits: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Pages of the structures of a task."""
    found = []
    for structure in dict.fromkeys(results.of(task)["structure"]):
        exhibit = exhibits.get(f"{structure}/{task.name}")
        found.append(
            {
                "structure": structure,
                "task": task,
                "words": words.entry(results, task, structure, measured=exhibit["measured"] if exhibit else ()),
                "samples": leaderboard.sample_rows(results, task, structure),
                "exhibit": exhibit,
            }
        )
    return found


def _exhibit(exhibit: Exhibit) -> dict[str, Any]:
    """What the page of an exhibit shows besides its table."""
    found = assess(exhibit)
    if not found:
        raise ValueError(f"{exhibit.name}: there is no model to show beside the truth")
    first = next(iter(found))
    return {
        "exhibit": exhibit,
        "scene": compressed(pack(scene(exhibit, found))),
        "still": still(exhibit, found[first]),
        "pictured": METHODS[first].label,
        "samples": max(len(one.points) for one in found.values()),
        "methods": [METHODS[name] for name in found],
        "measured": [item.kind for item in exhibit.observations],
        "has_trace": bool(len(exhibit.trace)),
        "has_chains": len(np.unique(exhibit.cloud.chain)) > 1,
        "has_contraction": any(one.contraction is not None for one in found.values()),
        "plots": [*plots.of_points(exhibit, found), *plots.of_courses(exhibit)],
    }


def _libraries(*, viewer: bool) -> dict[str, str]:
    """Code of others, compressed; that of the viewer only where there is something to view."""
    chosen = {"tables": TABLES, "tables-style": TABLES_STYLE} | ({"viewer": VIEWER} if viewer else {})
    return {name: packed(*place) for name, place in chosen.items()}


def _colours() -> dict[str, list[str]]:
    """Colour maps and lists of the viewer, as the figures have them."""
    stops = np.linspace(0, 1, STOPS)
    return {
        "spread": [to_hex(colour) for colour in SPREAD_MAP(stops)],
        "error": [to_hex(colour) for colour in colormaps["viridis_r"](stops)],
        "contraction": [to_hex(colour) for colour in colormaps["PuOr_r"](0.1 + 0.8 * stops)],
        "chain": [to_hex(tuple(colour)) for colour in CHAIN_COLOURS],
        "plain": [to_hex(tuple(PLAIN))],
    }


def _environment():
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pointprior.output.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"number": number, "probability": probability, "spoken": words.bar, "marked": terms.marked}
    environment.globals |= {"term": terms.term, "explained": terms.METHODS}
    return environment


def number(value: float | None, digits: int = 2) -> str:
    """A number to some decimals; a dash where there is none.

    Examples
    --------
    >>> number(1.234), number(float("nan")), number(None)
    ('1.23', '–', '–')
    """
    return "–" if value is None or np.isnan(value) else f"{value:,.{digits}f}"


def probability(value: float) -> str:
    """A p-value as people read it.

    Examples
    --------
    >>> probability(0.25), probability(0.00001234), probability(float("nan"))
    ('0.25', '1.2e-05', '–')
    """
    return "–" if np.isnan(value) else f"{value:.2g}"
