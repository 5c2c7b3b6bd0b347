"""Results of the data sets of shapes: scores of all tasks (Table 1), integrators (Table 2), time steps (Fig. 6)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.experiments import Variant
from benchmark.plan.checks import check_experiment
from benchmark.plan.datasets import Datasets, constrained, suffix
from benchmark.plan.tasks import Tasks

VARIANT_COLUMNS = ["structure", "task", "method", "variant", "sample", "chamfer", "emd", "energy", "nfe"]


class Shapes:
    """Answers to the rules' questions about results of shapes, for one configuration."""

    def __init__(self, settings: Configuration, datasets: Datasets, tasks: Tasks):
        self._settings, self._datasets, self._tasks = settings, datasets, tasks

    def scores(self, wildcards=None) -> list[str]:
        """Score tables of all shapes of all data sets, in all tasks."""
        return [
            paths.TASK_SCORES.format(structure=structure, task=task)
            for name, data in self._settings.datasets.items()
            for structure in self._datasets.entries(name)
            for task in data.tasks
        ]

    # ---- diffusion posterior sampling in other ways

    def varied(self) -> list["Varied"]:
        """Tasks of data sets that are there and sampled in other ways, each with its variants."""
        integrators, time_steps = self._settings.integrators, self._settings.time_steps
        variants: dict[str, dict[str, Variant]] = {integrators.task: dict(integrators.variants)}
        for experiment in time_steps.tasks:
            in_steps = {f"steps{steps}": Variant(steps=steps) for steps in time_steps.steps}
            variants[experiment] = variants.get(experiment, {}) | in_steps
        split = {experiment: experiment.split("/") for experiment in variants}
        there = {experiment: place for experiment, place in split.items() if place[0] in self._settings.datasets}
        return [Varied(name, task, variants[experiment]) for experiment, (name, task) in there.items()]

    def runs(self, varied: "Varied") -> Callable[..., list[dict]]:
        """The runs of a job: what decides its models besides the measurements, its settings, what to call it.

        They differ from the task's by what a variant names, and start from the same noise.
        """
        return lambda wildcards: [
            self._run(wildcards.structure, varied.task, name, variant) for name, variant in varied.variants.items()
        ]

    def _run(self, structure: str, task: str, name: str, variant: Variant) -> dict:
        said = variant.model_dump(exclude_none=True)
        integrator = {"integrator": said.pop("integrator")} if "integrator" in said else {}
        return {
            "problem": self._tasks.problem(structure, task, "dps") | said,
            "settings": self._settings.dps.deciding() | integrator,
            "named": {"task": task, "variant": name},
        }

    def integrator_scores(self, wildcards=None) -> list[str]:
        """Scores of the shapes of Table 2's data set by every integrator."""
        experiment = self._settings.integrators
        names = list(experiment.variants)
        return self._variant_scores("integrators.task", experiment.task, experiment.shapes, names)

    def time_step_scores(self, wildcards=None) -> list[str]:
        """Scores of the shapes of Fig. 6 in every number of time steps."""
        experiment = self._settings.time_steps
        names = [f"steps{steps}" for steps in experiment.steps]
        return [
            file
            for task in experiment.tasks
            for file in self._variant_scores("time_steps.tasks", task, experiment.shapes, names)
        ]

    def _variant_scores(self, key: str, experiment: str, shapes: int | None, variants: list[str]) -> list[str]:
        name, task = experiment.split("/")
        check_experiment(key, name, task, self._settings.datasets)
        pairs = product(self._datasets.entries(name)[:shapes], variants)
        return [paths.VARIANT_SCORES.format(structure=s, task=task, variant=variant) for s, variant in pairs]


@dataclass(frozen=True)
class Varied:
    """A task of a data set that is sampled in several ways by one job per shape."""

    dataset: str
    task: str
    variants: dict[str, Variant]

    @property
    def suffix(self) -> str:
        """Of the rule's name."""
        return suffix(self.dataset, self.task)

    @property
    def structure(self) -> str:
        """Regular expression of its shapes."""
        return f"{re.escape(self.dataset)}/[^/]+"

    def file(self, template: str) -> str:
        """A file of a shape in this task."""
        return template.replace("{task}", self.task)

    def files(self) -> list[str]:
        """Scores that a job makes of a shape, one file per variant."""
        template = constrained(self.file(paths.VARIANT_SCORES), self.structure)
        return [template.replace("{variant}", name) for name in self.variants]
