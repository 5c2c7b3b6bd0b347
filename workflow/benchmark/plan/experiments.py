"""Beyond the paper: which guidance strength, and what noise costs."""

from functools import cached_property

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.datasets import MOLECULES
from benchmark.config.measurements import Measured
from benchmark.plan.checks import check_series, check_unseen, check_unseen_shapes, known
from benchmark.plan.datasets import Datasets
from benchmark.plan.lists import Lists
from benchmark.plan.priors import Priors
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks

SWEEP_COLUMNS = ["structure", "task", "method", "alpha", "sample", "rmsd_cg", "chamfer", "emd", "energy"]


class Experiments:
    """Answers to the rules' questions about noise and guidance strengths, for one configuration."""

    def __init__(
        self,
        settings: Configuration,
        lists: Lists,
        datasets: Datasets,
        structures: Structures,
        tasks: Tasks,
        priors: Priors,
    ):
        self._settings, self._lists, self._datasets = settings, lists, datasets
        self._structures, self._tasks, self._priors = structures, tasks, priors

    # ---- noise

    def noise_figures(self) -> list[str]:
        """RMSD against noise, of every task that comes with several levels of it."""
        first = dict.fromkeys(self._tasks.noise_series(task)[0] for task in self._settings.tasks)
        several = [task for task in first if len(self._tasks.noise_series(task)) > 1]
        return [file for task in several for file in paths.drawn(paths.NOISE_FIGURE.format(task=task))]

    def noise_scores(self, wildcards) -> list[str]:
        """Score tables of a task at all levels of noise, of the structures that take part in all of them."""
        series = self._tasks.noise_series(wildcards.task)
        check_series(wildcards.task, series)
        shared = [s for s in self._structures.entries if all(self._tasks.takers(task, [s]) for task in series)]
        return [table for task in series for table in self._tasks.score_tables(task, shared)]

    def noise_levels(self, wildcards) -> dict[str, float]:
        """Noise of every task of a series."""
        return {task: self._settings.tasks[task].noise for task in self._tasks.noise_series(wildcards.task)}

    # ---- guidance strength

    @cached_property
    def sweep_entries(self) -> list[str]:
        """Structures of the α sweep; an error if one is tested, or if the prior may have been trained on it."""
        sweep = self._settings.alpha_sweep
        return self._unseen_molecules() if sweep.dataset == MOLECULES else self._unseen_shapes()

    def _unseen_shapes(self) -> list[str]:
        sweep = self._settings.alpha_sweep
        data = known(sweep.dataset, self._settings.datasets, "data set (alpha_sweep.dataset)")
        check_unseen_shapes(sweep.dataset, self._settings.priors[data.prior].training.dataset, data.split)
        return self._datasets.validation(sweep.dataset, sweep.shapes)

    def _unseen_molecules(self) -> list[str]:
        from pointprior.priors.training_set import is_held_out

        prior = self._settings.prior
        one_in = self._settings.priors[prior].training.validation_one_in
        clusters = self._priors.training_entries(prior)
        chosen = [entry for entry, _ in self._lists.read(self._settings.alpha_sweep.entries, "alpha_sweep")]
        check_unseen(
            chosen,
            tested=self._structures.entries,
            validating={entry for entry, cluster in clusters if is_held_out(cluster, one_in)},
            prior=prior,
            one_in=one_in,
        )
        return chosen

    def sweep_runs(self, wildcards) -> list[dict]:
        """The run of a sweep's job: what decides its models besides the measurements, its settings, what to call it.

        All α start from the same noise.
        """
        sweep = self._settings.alpha_sweep
        place = wildcards.structure, wildcards.task
        named = {"task": wildcards.task, "alpha": float(wildcards.alpha)}
        problem = self._tasks.problem(*place, "dps") | {"key": (self._settings.seed, *place, "alpha_sweep")}
        problem |= {"alpha": named["alpha"], "samples": sweep.samples, "steps": sweep.steps or problem["steps"]}
        return [{"problem": problem, "settings": self._settings.dps.deciding(), "named": named}]

    def sweep_scores(self, wildcards=None) -> list[str]:
        """Scores at every α."""
        alphas = [f"{alpha:g}" for alpha in self._settings.alpha_sweep.alphas]
        return [
            paths.SWEEP_SCORES.format(structure=structure, task=task, alpha=alpha)
            for structure, task in self._sweep_pairs()
            for alpha in alphas
        ]

    def sweep_baselines(self, wildcards=None) -> list[str]:
        """Scores of maximum likelihood on the same measurements."""
        return [paths.SCORES.format(structure=s, task=t, method="ml") for s, t in self._sweep_pairs()]

    def sweep_tables(self, wildcards=None) -> list[str]:
        """All scores that the sweep's table joins."""
        return [*self.sweep_scores(), *self.sweep_baselines()]

    def sweep_chosen(self) -> dict[str, float]:
        """The configured guidance strength of every task of the sweep."""
        return {name: self._tasks.strength(task) for name, task in self._sweep_tasks.items()}

    def sweep_titles(self) -> dict[str, str]:
        """What figures call the tasks of the sweep, by their names."""
        return {name: task.title or name for name, task in self._sweep_tasks.items()}

    @property
    def _sweep_tasks(self) -> dict[str, Measured]:
        """Tasks of the sweep, by their names."""
        sweep = self._settings.alpha_sweep
        if sweep.dataset == MOLECULES:
            configured = self._settings.tasks
        else:
            configured = known(sweep.dataset, self._settings.datasets, "data set (alpha_sweep.dataset)").tasks
        return {name: known(name, configured, "task") for name in sweep.tasks}

    def _sweep_pairs(self) -> list[tuple[str, str]]:
        tasks = list(self._sweep_tasks)
        return [(entry, task) for entry in self.sweep_entries for task in tasks]
