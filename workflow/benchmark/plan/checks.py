"""Checks of what was asked for: targets and lists that make no sense are answered in words, before any job.

Where a target is asked for by its file name, its wildcards are known to input functions only: snakemake has no other
hook that it calls while planning. So a check of a file name is an input function that gives no file (`Checks`), and a
rule lists it first. All other checks are called where their answer is needed.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from benchmark.config.datasets import Dataset
from benchmark.config.sections import nearest
from benchmark.errors import WorkflowError
from pointprior.structures import archive

if TYPE_CHECKING:
    from benchmark.plan import Plan


def known(name: str, table, what: str, *, give_name: bool = False):
    """The entry of that name in a table (or the name itself); an error that names the nearest otherwise."""
    if name in table:
        return name if give_name or not isinstance(table, dict) else table[name]
    near = difflib.get_close_matches(name, list(table), n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else f"there are {_some(list(table))}"
    raise WorkflowError(f"unknown {what} '{name}'; {hint}")


def _some(names: list[str], most: int = 12) -> str:
    """Names in a line, no more than a person reads."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return (", ".join(names[:most]) or "none") + more


class Checks:
    """Input functions without a file: what they refuse is refused before a job is planned."""

    def __init__(self, plan: "Plan"):
        self._plan = plan

    def structure(self, wildcards) -> list[str]:
        """The structure of a requested file must be a PDB id in lower case, or a shape of a data set."""
        asked = wildcards.structure
        if self._plan.datasets.of(asked) is not None:
            self._plan.datasets.shape_id(asked)
            return []
        try:
            proper = archive.normalise_id(asked)
        except ValueError as problem:
            mistyped = difflib.get_close_matches(asked, list(self._plan.settings.datasets), n=1, cutoff=0.5)
            hint = f"; did you mean the data set '{mistyped[0]}'?" if mistyped else ""
            raise WorkflowError(f"'{asked}' in the requested file: {problem}{hint}") from None
        if proper != asked:
            raise WorkflowError(f"'{asked}' in the requested file: PDB ids are written '{proper}' in file names")
        return []

    def experiments(self, wildcards) -> list[str]:
        """The target `paper` and the tables of shapes need data sets."""
        if not self._plan.settings.datasets:
            raise WorkflowError(
                "this needs `datasets` of shapes: config/config.yaml has the paper's two, config/standin.yaml "
                "generates objects in their place"
            )
        return []

    def sweep(self, wildcards) -> list[str]:
        """The structure of a requested sweep must be one of the configuration's."""
        known(wildcards.structure, self._plan.experiments.sweep_entries, "entry of the α sweep", give_name=True)
        return []

    def demo(self, wildcards) -> list[str]:
        """`demo` must be asked of the demo's configuration."""
        if self._plan.settings.structures.bundled is None:
            raise WorkflowError("`demo` has its own configuration: snakemake demo --configfile config/demo.yaml")
        return []


def check_measured(structure: str, experiments: Collection[str]) -> None:
    """Something must be measured of a structure whose table is asked for."""
    if not experiments:
        raise WorkflowError(f"{structure} takes part in no task: all of them have other `entries`")


def check_tabulated(pairs: Collection[tuple[str, str]]) -> None:
    """A structure must take part in a task if all scores are to be in a table."""
    if not pairs:
        raise WorkflowError("no structure (structures.entries) takes part in any task: there are no scores to collect")


def check_entities(structure: str, task: str, bundled: Collection[str]) -> None:
    """A bundled cloud has no entities to pick a subunit from."""
    if structure in bundled:
        raise WorkflowError(
            f"task {task} needs the entities of {structure}, but only its bundled cloud is at "
            "hand: name a mirror (structures.mirrors or PDB_DIR), or the subunit's chains"
        )


def check_calibrated(calibrations: Collection[str]) -> None:
    """There must be a spread to calibrate."""
    if not calibrations:
        raise WorkflowError("a calibration needs two samples or more of dps, ml or prior (samples, methods)")


def check_showcased(entries: Collection[str]) -> None:
    """Fig. 2 must have a column."""
    if not entries:
        raise WorkflowError("figure2: none of the `showcases` is a structure that `structures.entries` lists")


def check_series(task: str, series: Collection[str]) -> None:
    """RMSD against noise takes more than one level of it."""
    if len(series) < 2:
        raise WorkflowError(f"no task measures what '{task}' does with another `noise`")


def check_unseen(
    chosen: Iterable[str], *, tested: Collection[str], validating: Collection[str], prior: str, one_in: int
) -> None:
    """α must be chosen on structures that neither test nor trained the prior."""
    for entry in chosen:
        if entry in tested:
            raise WorkflowError(f"alpha_sweep.entries: {entry} is tested (structures.entries); α must not see it")
        if entry not in validating:
            raise WorkflowError(
                f"alpha_sweep.entries: {entry} is in no validation cluster of the training list of "
                f"{prior} (every {one_in}th cluster by its hash; see training.validation_one_in)"
            )


def check_generated(dataset: str, split: str, *, wanted: int, there: int) -> None:
    """The stand-in must have as many objects as a data set asks for."""
    if there < wanted:
        raise WorkflowError(
            f"datasets.{dataset}.first: {wanted} shapes of the split {split}, but `standin` makes {there} of these "
            "categories; raise its numbers"
        )


def check_experiment(key: str, dataset: str, task: str, datasets: Mapping[str, Dataset]) -> None:
    """Experiments on shapes must name a data set and a task of it."""
    if dataset not in datasets:
        raise WorkflowError(f"{key}: '{dataset}' is none of the datasets{nearest(dataset, datasets)}")
    if task not in datasets[dataset].tasks:
        raise WorkflowError(f"{key}: '{task}' is no task of {dataset}{nearest(task, datasets[dataset].tasks)}")


def check_unseen_shapes(dataset: str, learnt: str | None, split: str) -> None:
    """α must be chosen on shapes that neither test nor trained the prior: those of the validation split."""
    if split == "val":
        raise WorkflowError(f"alpha_sweep.dataset: {dataset} is tested on its validation split; α must not see it")
    if learnt not in (None, dataset):
        raise WorkflowError(
            f"alpha_sweep.dataset: the prior of {dataset} learns from {learnt}, whose validation split is another"
        )
