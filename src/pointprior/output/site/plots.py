"""The plots of the page, as far as the tables have what they show."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from pointprior.output.figures import (
    plot_courses,
    plot_error_against_spread,
    plot_noise,
    plot_points,
    plot_rmsd_against_spacing,
    plot_task,
    plot_views,
)
from pointprior.output.site import words
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.pictures import Plot, as_svg
from pointprior.output.site.pointwise import Pointwise
from pointprior.output.site.results import MOLECULES, Results, Task
from pointprior.scoring.metrics import rmsd_matched

DESCRIBED = ("projections", "points", "low_resolution", "subunit", "noise", "besides")
FEW = 3  # structures that a box plot needs to say more than the table


def address(structure: str, task: str) -> str:
    """Where the page has a structure in a task."""
    return f"#entry/{structure}/{task}"


def overview(results: Results) -> list[Plot]:
    """Plots of all molecules' tasks together."""
    return [*_spread(results), *_varied(results), *_spacing(results)]


def of_task(results: Results, task: Task) -> list[Plot]:
    """Plots of one task."""
    scores = results.of(task)
    if task.data != MOLECULES or scores["structure"].nunique() < FEW:
        return []
    drawn = as_svg(plot_task(scores, title=""), f"task-{task.name}")
    what = "Box plots of the RMSD of every method's samples, structure by structure."
    return [Plot(drawn, "RMSD by structure", what)]


def of_points(exhibit: Exhibit, found: Mapping[str, Pointwise]) -> list[Plot]:
    """Error against spread of every point."""
    shown = {name: one for name, one in found.items() if len(one.points) > 1 and one.spread.any()}
    if not shown:
        return []
    pairs = {name: (exhibit.scale * one.spread, exhibit.scale * one.error) for name, one in shown.items()}
    drawn = as_svg(plot_points(pairs, unit=exhibit.unit), f"points-{exhibit.name.replace('/', '-')}")
    what = "[error|Error] against [spread] of every point, one panel per method; on the line they are equal."
    return [Plot(drawn, "Does the spread of a point tell its error?", what)]


def of_courses(exhibit: Exhibit) -> list[Plot]:
    """Energy and error of a sample over t, of samplers that say what they expected; not where poses changed."""
    import torch  # slow, and needed only here

    from pointprior.measurements.energy import Energy

    energy, truth, found = Energy(exhibit.observations), exhibit.cloud.points.astype(np.float64), {}
    for name, model in exhibit.models.items():
        if model.course is not None and model.poses is None:
            clouds = model.course.clouds.astype(np.float64)
            errors = np.array([exhibit.scale * rmsd_matched(truth, cloud) for cloud in clouds])
            found[name] = model.course.times, energy.reported(torch.from_numpy(clouds)).numpy(), errors
    if not found:
        return []
    drawn = as_svg(plot_courses(found, unit=exhibit.unit), f"course-{exhibit.name.replace('/', '-')}")
    return [Plot(drawn, "How does a sample come about?", words.COURSE)]


def _spread(results: Results) -> Iterator[Plot]:
    table = results.coverage
    if table is None or not (table := table[table["task"].isin(_molecular(results))])["spread"].gt(0).any():
        return
    drawn = as_svg(plot_error_against_spread(table, addresses=_addresses(table)), "spread")
    what = "[error|Error] of the samples' mean against their [spread]; "
    what += "on the line they are [calibrated], above it over-confident."
    yield Plot(drawn, "Is the spread an honest error bar?", what)


def _spacing(results: Results) -> Iterator[Plot]:
    scores = results.scores[results.scores["task"].isin(_molecular(results))]
    if scores["structure"].nunique() < 2:
        return
    drawn = as_svg(plot_rmsd_against_spacing(scores, addresses=_addresses(scores)), "spacing")
    yield Plot(
        drawn, "Are larger structures harder?", "RMSD against the point [spacing], which grows with the structure."
    )


def _varied(results: Results) -> Iterator[Plot]:
    """Errors against the number of views and against noise, where tasks differ in that alone."""
    for varied, title in (("projections", "How many views are enough?"), ("noise", "What does noise cost?")):
        for number, series in enumerate(_series(results, varied)):
            values = {task.name: getattr(task, varied) for task in series}
            scores = _common(results.scores[results.scores["task"].isin(values)])
            if scores.empty:
                continue
            figure = plot_noise(scores, noise=values) if varied == "noise" else plot_views(scores, views=values)
            drawn = as_svg(figure, f"{varied}{number}")
            what = f"RMSD against {'the number of projections' if varied == 'projections' else 'noise'}."
            yield Plot(drawn, title, what)


def _series(results: Results, varied: str) -> list[list[Task]]:
    """Tasks on molecules that differ in one thing alone, at least two in a series."""
    found: dict[tuple, list[Task]] = {}
    for task in results.averaged:
        if task.data == MOLECULES and task.projections:
            alike = [getattr(task, name) for name in DESCRIBED if name != varied]
            found.setdefault(tuple(alike), []).append(task)
    return [series for series in found.values() if len({getattr(task, varied) for task in series}) > 1]


def _common(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of the structures that all tasks have in common: others would bend the curves."""
    tasks = scores.groupby("structure")["task"].nunique()
    return scores[scores["structure"].isin(tasks.index[tasks == scores["task"].nunique()])]


def _molecular(results: Results) -> list[str]:
    return [task.name for task in results.shown if task.data == MOLECULES]


def _addresses(table: pd.DataFrame) -> dict[tuple, str]:
    pairs = table[["structure", "task"]].drop_duplicates().itertuples(index=False, name=None)
    return {pair: address(*pair) for pair in pairs}
