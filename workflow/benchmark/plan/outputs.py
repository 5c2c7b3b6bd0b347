"""What is collected: files of a reconstruction, tables, figures, models."""

from functools import cached_property
from itertools import product

from benchmark import paths
from benchmark.config import Configuration
from benchmark.errors import WorkflowError
from benchmark.plan.checks import check_calibrated, check_measured, check_tabulated, known
from benchmark.plan.datasets import Datasets, Scope
from benchmark.plan.experiments import Experiments
from benchmark.plan.lists import Lists
from benchmark.plan.priors import Priors
from benchmark.plan.showcases import SHOWCASE, Showcases
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks
from pointprior.methods import METHODS, names


class Outputs:
    """Answers to the rules' questions about results, for one configuration."""

    def __init__(
        self,
        settings: Configuration,
        lists: Lists,
        datasets: Datasets,
        structures: Structures,
        showcases: Showcases,
        tasks: Tasks,
        priors: Priors,
        experiments: Experiments,
    ):
        self._settings, self._lists, self._datasets = settings, lists, datasets
        self._structures, self._showcases, self._tasks = structures, showcases, tasks
        self._priors, self._experiments = priors, experiments

    # ---- of a requested file

    def reconstruction(self, wildcards) -> str:
        """A requested file's models, made by a known method."""
        known(wildcards.method, list(METHODS), "method")
        return paths.RECONSTRUCTION.format(**_named(wildcards, "structure", "task", "method"))

    def initial(self, method: str) -> list[str]:
        """Models of another method that a method begins from; nothing if its settings name none."""
        start = self._start(method)
        return [] if start is None else [paths.models_of(start)]

    def urgency(self, method: str) -> int:
        """Which jobs go first: models that others begin from, then samplers, which take longest, then other models.

        Scores and pictures, which have no urgency, would otherwise leave the last models to a single core.
        """
        begun_from = {self._start(name) for name in self._settings.methods}
        return 3 if method in begun_from else 2 if METHODS[method].needs_prior else 1

    def _start(self, method: str) -> str | None:
        """The method that a method begins from, if it is to."""
        return getattr(getattr(self._settings, method, None), "initial", None)

    def reconstructions(self, wildcards) -> list[str]:
        """Samples of a known method in every task of a job; a control presents the same in all."""
        known(wildcards.method, list(METHODS), "method")
        tasks = self._tasks.names(wildcards)
        return list(dict.fromkeys(self.samples(wildcards.structure, task, wildcards.method) for task in tasks))

    def samples(self, structure: str, task: str, method: str) -> str:
        """Where a method's samples are: its models or, of a control without code, the points that it presents."""
        return (self.presented(structure, method) or paths.RECONSTRUCTION).format(
            structure=structure, task=task, method=method
        )

    def presented(self, structure: str, control: str) -> str | None:
        """Points that a control presents as its samples in every task; None of methods that have code."""
        if control == "prior":
            return self._priors.unconditional(structure)
        return {"truth": paths.CLOUD, "second_fit": paths.SECOND_FIT}.get(control)

    def compared_samples(self, wildcards) -> list[str]:
        """Samples of all methods that are compared, in every task of a job; those of controls once."""
        pairs = product(self._tasks.names(wildcards), self.compared(wildcards))
        return list(dict.fromkeys(self.samples(wildcards.structure, task, method) for task, method in pairs))

    def compared(self, wildcards) -> list[str]:
        """Methods that are compared on a requested structure: a shape has no second fit."""
        return self.compared_on(wildcards.structure)

    def compared_on(self, structure: str) -> list[str]:
        """Methods that are compared on a structure."""
        is_molecule = self._datasets.of(structure) is None
        return [method for method in self._settings.methods if is_molecule or method != "second_fit"]

    def structure_scores(self, wildcards) -> list[str]:
        """Score tables of a requested structure; an error if it has no showcase and no task takes it."""
        structure = wildcards.structure
        experiments = self._tasks.experiments_of(structure)
        check_measured(structure, experiments)
        return [file for task in experiments for file in self.scores_of(structure, task, self.compared_on(structure))]

    def scores_of(self, structure: str, task: str, methods: list[str]) -> list[str]:
        """Score tables that hold some methods: the one of all that are compared, or a method's each."""
        if set(methods) <= set(self.compared_on(structure)):
            return [paths.TASK_SCORES.format(structure=structure, task=task)]
        return [paths.SCORES.format(structure=structure, task=task, method=method) for method in methods]

    def all_scores(self) -> str:
        """Scores of all structures: computed, or published ones."""
        return self._published("scores") if self._settings.redraw else paths.ALL_SCORES

    def task_scores(self, wildcards) -> list[str]:
        """Scores that the figure of a task shows: computed, or published ones of all tasks."""
        known(wildcards.task, self._settings.tasks, "task")
        if self._settings.redraw:
            return [self.all_scores()]
        return self._tasks.score_tables(wildcards.task, self._structures.entries)

    def compared_scores(self, wildcards) -> list[str]:
        """Scores that stand under a drawn reconstruction: of DPS, and of its rivals if they are run."""
        return self.scores_of(wildcards.structure, wildcards.task, self._showcases.compared)

    def showcase_scores(self, methods: list[str]) -> list[str]:
        """Score tables of the showcases that hold some methods."""
        return [file for entry in self._showcases.entries for file in self.scores_of(entry, SHOWCASE, methods)]

    # ---- tables

    def all_task_scores(self, wildcards=None) -> list[str]:
        """Score tables of all structures in all tasks; an error if no structure takes part in any."""
        check_tabulated(self._pairs)
        return [paths.TASK_SCORES.format(structure=s, task=t) for s, t in self._pairs]

    @cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        return [(s, t) for s in self._structures.entries for t in self._tasks.experiments_of(s)]

    @property
    def spreading(self) -> list[str]:
        """Methods whose samples spread; none where there is one sample."""
        spreading = [*names("sampler", "baseline"), "prior"] if self._settings.samples > 1 else []
        return [method for method in self._settings.methods if method in spreading]

    def task_coverage(self, scope: Scope) -> list[str]:
        """Table of the calibrations in a task of a job, if there are any."""
        return [] if scope.of_shapes else self._task_coverage

    @property
    def _task_coverage(self) -> list[str]:
        return [paths.TASK_COVERAGE] * bool(self.spreading)

    def calibrations(self) -> list[str]:
        """Calibrations of all structures in all tasks."""
        return [file.format(structure=s, task=t) for s, t in self._pairs for file in self._task_coverage]

    def coverage(self) -> list[str]:
        """Table of all calibrations, if there are any."""
        return [paths.COVERAGE] * bool(self.calibrations())

    def drawn_coverage(self, wildcards) -> list[str]:
        """What the figure of the calibration shows: the table of all, or a published one where these are redrawn."""
        if self._settings.redraw:
            return [self._published("coverage")]
        check_calibrated(self.calibrations())
        return self.coverage()

    def tables(self) -> list[str]:
        """All tables of the scores, and the comparison of a prior that is trained here with held-out clouds."""
        names = ["summary"] * bool(self._tasks.benchmarked) + ["calibration"] * self._calibrated
        tables = [paths.TABLE.format(table=name) for name in [*names, "entries"]]
        return [*tables, *[self._priors.place(paths.EVALUATION)] * self._trained]

    def _published(self, table: str) -> str:
        """A published table by its absolute path, under which no rule makes it: it is taken as it is."""
        path = self._lists.found(self._settings.redraw) / f"{table}.csv"  # type: ignore[arg-type]  # callers look
        if not path.is_file():
            raise WorkflowError(f"redraw: there is no {path}; `snakemake publish` writes it (or set redraw to null)")
        return str(path.resolve())

    # ---- figures and models

    @cached_property
    def shown(self) -> list[tuple[str, str]]:
        """Pairs (structure, task) that are drawn one by one; they are also written as models and maps."""
        if self._settings.shown == "all":
            return [(entry, task) for entry in self._structures.entries for task in self._tasks.tasks_of(entry)]
        return [self._shown(*pair.rsplit("/", 1)) for pair in self._settings.shown]

    def _shown(self, structure: str, task: str) -> tuple[str, str]:
        if (data := self._datasets.of(structure)) is not None:
            self._datasets.shape_id(structure)
            return structure, known(task, data.tasks, "task", give_name=True)
        ((entry, _),) = self._lists.read([structure], "shown")
        return entry, known(task, self._settings.tasks, "task", give_name=True)

    def figures(self) -> list[str]:
        """Figures of every task, the calibration, what is shown, Fig. 2, and the training that is part of the run."""
        if self._settings.redraw:
            return _drawn(self.average_figures())
        return _drawn([*self.average_figures(), *self._single_figures()]) + self._experiments.noise_figures()

    def average_figures(self) -> list[str]:
        """Stems of the figures of all structures, which published tables suffice for."""
        benchmarked = self._tasks.benchmarked
        stems = [paths.TASK_FIGURE.format(task=task) for task in benchmarked]
        stems += [paths.ATOMIC_TASK_FIGURE.format(task=task) for task in benchmarked if self._has_atoms(task)]
        return stems + [paths.CALIBRATION_FIGURE] * self._calibrated

    def _single_figures(self) -> list[str]:
        """Stems of the figures that need models, which are not published."""
        stems = [paths.RECONSTRUCTION_FIGURE.format(structure=s, task=t) for s, t in self.shown]
        stems += [paths.SHOWCASE_FIGURE] * bool(self._showcases.entries)
        if self._trained:
            stems += [self._priors.place(figure) for figure in (paths.TRAINING_FIGURE, paths.GALLERY_FIGURE)]
        return stems

    def models(self) -> list[str]:
        """Models, maps and scripts of what is shown, showcases too; those of other methods are made when asked for."""
        pairs = dict.fromkeys([*self.shown, *((entry, SHOWCASE) for entry in self._showcases.entries)])
        return [template.format(structure=s, task=t, method="dps") for s, t in pairs for template in paths.OPENED]

    @property
    def _calibrated(self) -> bool:
        """Whether there are calibrations to average over structures."""
        return bool(self._tasks.benchmarked and self.calibrations())

    def _has_atoms(self, task: str) -> bool:
        """Whether a structure of a task comes with atoms, not as a bundled cloud."""
        return not self._structures.bundled.issuperset(self._tasks.structures_of(task))

    @property
    def _trained(self) -> bool:
        return self._settings.priors[self._settings.prior].source == "train"


def _named(wildcards, *names: str) -> dict[str, str]:
    return {name: getattr(wildcards, name) for name in names}


def _drawn(stems: list[str]) -> list[str]:
    return [file for stem in stems for file in paths.drawn(stem)]
