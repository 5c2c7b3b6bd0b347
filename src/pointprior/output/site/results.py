"""What the page is made of: tables of scores, what was measured, and exhibits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pointprior.output.site.exhibits import Exhibit
from pointprior.scoring.paper_tables import with_experiment
from pointprior.scoring.summary import MEASURES

MOLECULES = "molecules"


@dataclass(frozen=True)
class Task:
    """What is measured of every structure of a task.

    Attributes
    ----------
    name, title : str
        Of a data set of shapes, the name is `dataset/task`.
    data : str
        "molecules", or the data set.
    projections, points, low_resolution : int
        Number of projections, of the points of each, and of a low-resolution structure's.
    subunit : bool
        Whether a part of the structure is known.
    noise : float
        Standard deviation of a projected coordinate (in Å).
    besides : str
        All else that decides the measurements (other errors, weights ...): tasks that differ in it stand in no common
        curve.
    own : bool
        Whether every structure has its own measurements, so that nothing is averaged: the showcases.
    """

    name: str
    title: str
    data: str = MOLECULES
    projections: int = 0
    points: int = 0
    low_resolution: int = 0
    subunit: bool = False
    noise: float = 0.0
    besides: str = ""
    own: bool = False

    @property
    def label(self) -> str:
        """The title, which tasks of several data sets may share, and the data set."""
        return self.title if self.data == MOLECULES else f"{self.title} ({self.data})"

    @property
    def measure(self) -> str:
        """The score that stands for all: shapes have no ångströms."""
        return "rmsd_cg" if self.data == MOLECULES else "emd"


@dataclass(frozen=True)
class Results:
    """A run.

    Attributes
    ----------
    tasks : mapping of str to Task
        In the order of the page.
    scores : DataFrame
        One row per sample, as `scoring.scores.score` gives it, with the columns structure, task and method; a task is
        called as in `tasks`.
    coverage : DataFrame or None
        Rows of `scoring.calibration.assess_calibration`, with the same columns.
    exhibits : sequence of Exhibit
        What can be looked at; their tasks are called as in `tasks`.
    facts : mapping of str to str
        What made the run, for the foot of the page.
    """

    tasks: Mapping[str, Task]
    scores: pd.DataFrame
    coverage: pd.DataFrame | None = None
    exhibits: Sequence[Exhibit] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def averaged(self) -> list[Task]:
        """Tasks whose scores are averaged over structures, of which there are any."""
        there = set(self.scores["task"])
        return [task for task in self.tasks.values() if task.name in there and not task.own]

    @property
    def shown(self) -> list[Task]:
        """Tasks of which there are scores."""
        there = set(self.scores["task"])
        return [task for task in self.tasks.values() if task.name in there]

    def of(self, task: Task) -> pd.DataFrame:
        """Scores of a task."""
        return self.scores[self.scores["task"] == task.name]


def by_experiment(table: pd.DataFrame) -> pd.DataFrame:
    """A table whose tasks are called as on the page: a task of shapes with its data set.

    Scores that were published before a measure was introduced get it, empty.
    """
    table = with_experiment(table)
    absent = {name: np.nan for name in MEASURES if "sample" in table and name not in table}
    return table.assign(task=table["experiment"], **absent).drop(columns="experiment")
