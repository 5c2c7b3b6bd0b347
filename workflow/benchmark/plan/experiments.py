"""Beyond the paper: which guidance strength, and what noise costs."""

from functools import cached_property

from benchmark import paths
from benchmark.config import Configuration
from benchmark.plan.checks import check_series, check_unseen, known
from benchmark.plan.lists import Lists
from benchmark.plan.priors import Priors
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks

SWEEP_COLUMNS = ["structure", "task", "method", "alpha", "sample", "rmsd_cg", "chamfer", "emd", "energy"]


class Experiments:
    """Answers to the rules' questions about noise and guidance strengths, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists, structures: Structures, tasks: Tasks, priors: Priors):
        self._settings, self._lists = settings, lists
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

    def sweep_problem(self, wildcards) -> dict:
        """What decides the models of a sweep besides α and the measurements; all α start from the same noise."""
        steps = self._settings.alpha_sweep.steps or self._tasks.steps(wildcards)
        return {
            "key": (self._settings.seed, wildcards.structure, wildcards.task, "alpha_sweep"),
            "samples": self._settings.alpha_sweep.samples,
            "beta": self._tasks.beta(wildcards),
            "steps": steps,
        }

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

    def sweep_chosen(self) -> dict[str, float]:
        """The configured guidance strength of every task of the sweep."""
        tasks = self._settings.tasks
        return {task: self._tasks.strength(tasks[task]) for task in self._settings.alpha_sweep.tasks}

    def _sweep_pairs(self) -> list[tuple[str, str]]:
        configured = self._settings.tasks
        tasks = [known(task, configured, "task", give_name=True) for task in self._settings.alpha_sweep.tasks]
        return [(entry, task) for entry in self.sweep_entries for task in tasks]
