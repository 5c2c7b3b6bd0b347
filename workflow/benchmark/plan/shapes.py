"""Results of the data sets of shapes: scores of all tasks (Table 1), integrators (Table 2), time steps (Fig. 6)."""

from itertools import product

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.experiments import Variant
from benchmark.plan.checks import check_experiment, known
from benchmark.plan.datasets import Datasets
from benchmark.plan.tasks import Tasks

VARIANT_COLUMNS = ["structure", "task", "method", "variant", "sample", "chamfer", "emd", "energy", "nfe"]


class Shapes:
    """Answers to the rules' questions about results of shapes, for one configuration."""

    def __init__(self, settings: Configuration, datasets: Datasets, tasks: Tasks):
        self._settings, self._datasets, self._tasks = settings, datasets, tasks

    def scores(self, wildcards=None) -> list[str]:
        """Score tables of all shapes of all data sets, in all tasks, by all methods."""
        return [
            paths.SCORES.format(structure=structure, task=task, method=method)
            for name, data in self._settings.datasets.items()
            for structure in self._datasets.entries(name)
            for task in data.tasks
            for method in self._settings.methods
        ]

    # ---- diffusion posterior sampling in other ways

    def integrator_scores(self, wildcards=None) -> list[str]:
        """Scores of the shapes of Table 2's data set by every integrator."""
        experiment = self._settings.integrators
        return self._variant_scores("integrators.task", experiment.task, list(experiment.variants))

    def time_step_scores(self, wildcards=None) -> list[str]:
        """Scores of the shapes of Fig. 6 in every number of time steps."""
        experiment = self._settings.time_steps
        names = [f"steps{steps}" for steps in experiment.steps]
        return [file for task in experiment.tasks for file in self._variant_scores("time_steps.tasks", task, names)]

    def baselines(self, wildcards=None) -> list[str]:
        """Scores of maximum likelihood in the tasks of Fig. 6."""
        experiments = [self._experiment("time_steps.tasks", task) for task in self._settings.time_steps.tasks]
        return [
            paths.SCORES.format(structure=structure, task=task, method="ml")
            for name, task in experiments
            for structure in self._datasets.entries(name)
        ]

    def variant_problem(self, wildcards) -> dict:
        """What decides the models of a variant: as those of the task, from the same noise, but for what it names."""
        (problem,) = self._tasks.problems("dps")(wildcards)
        changes = self._variant(wildcards.variant).model_dump(exclude={"integrator"}, exclude_none=True)
        return problem | changes

    def variant_settings(self, wildcards) -> dict:
        """Settings of `dps` with the integrator of a variant."""
        integrator = self._variant(wildcards.variant).integrator
        return self._settings.dps.deciding() | ({} if integrator is None else {"integrator": integrator})

    def _variant(self, name: str) -> Variant:
        by_steps = {f"steps{steps}": Variant(steps=steps) for steps in self._settings.time_steps.steps}
        return known(name, self._settings.integrators.variants | by_steps, "variant")

    def _variant_scores(self, key: str, experiment: str, variants: list[str]) -> list[str]:
        name, task = self._experiment(key, experiment)
        pairs = product(self._datasets.entries(name), variants)
        return [paths.VARIANT_SCORES.format(structure=s, task=task, variant=variant) for s, variant in pairs]

    def _experiment(self, key: str, experiment: str) -> tuple[str, str]:
        name, task = experiment.split("/")
        check_experiment(key, name, task, self._settings.datasets)
        return name, task
