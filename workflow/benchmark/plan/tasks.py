"""What is measured of which structure, and how strongly measurements guide."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.measurements import Measured
from benchmark.plan.checks import check_entities, known
from benchmark.plan.datasets import Datasets
from benchmark.plan.lists import Lists
from benchmark.plan.showcases import SHOWCASE, Showcases
from benchmark.plan.structures import Structures
from pointprior.methods import METHODS

MEASURED = ("projections", "points", "low_resolution", "subunit", "weights", "rotation", "draw")  # without errors
ERRORS = ("noise", "missing", "spurious", "pose_error")


class Tasks:
    """Answers to the rules' questions about tasks, for one configuration."""

    def __init__(
        self, settings: Configuration, lists: Lists, datasets: Datasets, structures: Structures, showcases: Showcases
    ):
        self._settings, self._lists, self._datasets = settings, lists, datasets
        self._structures, self._showcases = structures, showcases

    # ---- of a job: a structure's task whose file is requested, or several

    def names(self, wildcards) -> list[str]:
        """Tasks that a job works on."""
        if hasattr(wildcards, "task"):
            return [wildcards.task]
        data = self._datasets.of(wildcards.structure)
        return list(self._datasets.joined_tasks if data is None else data.tasks)

    def measurements(self, wildcards) -> list[dict]:
        """Of every task of a job, what is measured and with what errors, and which task its random draws belong to."""
        measured = {name: self._find(wildcards.structure, name) for name in self.names(wildcards)}
        return [
            task.model_dump(include={*MEASURED, *ERRORS}) | {"draws": self._draws(wildcards.structure, name)}
            for name, task in measured.items()
        ]

    def problems(self, method: str) -> Callable[..., list[dict]]:
        """What decides a method's models besides the measurements, of every task of a job."""
        return lambda wildcards: [self.problem(wildcards.structure, name, method) for name in self.names(wildcards)]

    def problem(self, structure: str, name: str, method: str) -> dict:
        """What decides a method's models of a structure in a task besides the measurements."""
        task = self._find(structure, name)
        return {
            "key": (self._settings.seed, structure, name, method),
            "samples": self._settings.samples,
            "alpha": self.strength(task, method),
            "beta": task.beta,
            "steps": task.steps or self._settings.dps.steps,
            "likelihood": self._likelihood(task, method),
        }

    def _likelihood(self, task: Measured, method: str) -> dict[str, Any]:
        """The configured likelihood, with the pairing that a task asks for; outliers where a method holds them."""
        changes: dict[str, Any] = {} if task.pairing is None else {"pairing": task.pairing}
        if not METHODS[method].holds_points:
            changes["outliers"] = 0.0
        return self._settings.likelihood.model_copy(update=changes).deciding()

    def _find(self, structure: str, name: str) -> Measured:
        """A task by its name, or the structure's showcase."""
        if (data := self._datasets.of(structure)) is not None:
            return known(name, data.tasks, "task")
        if name == SHOWCASE:
            return known(structure, self._showcases.all, "showcase")
        return known(name, self._settings.tasks, "task")

    def _draws(self, structure: str, name: str) -> str:
        """The task that random views and points belong to: measurements with errors share those of the least."""
        task, data = self._find(structure, name), self._datasets.of(structure)
        if not any(_errors(task)):
            return name
        tasks = self._settings.tasks if data is None else data.tasks
        return min(_alike(task, tasks, but=ERRORS), key=lambda other: _errors(tasks[other]), default=name)

    # ---- of a requested file

    def task(self, wildcards) -> Measured:
        """The task of a requested file, or the structure's showcase."""
        return self._find(getattr(wildcards, "structure", ""), wildcards.task)

    def steps(self, wildcards) -> int:
        """Time steps of a task."""
        return self.task(wildcards).steps or self._settings.dps.steps

    def alpha(self, wildcards) -> float:
        """Guidance strength of a requested file."""
        return self.strength(self.task(wildcards))

    def title(self, wildcards) -> str:
        """What figures and models call a task."""
        return self.task(wildcards).title or wildcards.task

    def subunit_atoms(self, wildcards) -> str | list[str]:
        """The structure's atoms where a task of a job picks its subunit by the description of an entity."""
        structure = wildcards.structure
        if self._datasets.of(structure) is not None:
            return []
        subunits = {name: self._find(structure, name).subunit for name in self.names(wildcards)}
        described = [name for name, subunit in subunits.items() if subunit is not None and subunit.entity is not None]
        for name in described:
            check_entities(structure, name, self._structures.bundled)
        return self._structures.atoms(wildcards) if described else []

    # ---- of the configuration

    def strength(self, task: Measured, method: str = "dps") -> float:
        """Guidance strength of measurements: the one that belongs to a method's guidance with, or without, a limit."""
        guided: list[Any] = [getattr(self._settings, name, None) for name in (method, "dps")]
        clip = next(section.guidance_clip for section in guided if hasattr(section, "guidance_clip"))
        if clip is None and task.alpha_unclipped is not None:
            return task.alpha_unclipped
        return task.alpha

    def drawn(self, wildcards, column: str) -> dict[str, Any]:
        """What the figure of a task shows, and its title."""
        return {"tasks": [wildcards.task], "title": self.title(wildcards), "column": column}

    def titles(self, names: list[str]) -> dict[str, str]:
        """What figures call tasks, by their names."""
        return {name: self._settings.tasks[name].title or name for name in names}

    def noise_series(self, task: str) -> list[str]:
        """Tasks that measure the same as a task but for the noise: one per level, in the order of their noise."""
        known(task, self._settings.tasks, "task")
        return _series(task, self._settings.tasks)

    def tasks_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in."""
        return [name for name in self._settings.tasks if structure in self.takers(name, [structure])]

    def experiments_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in, and its showcase if it has one."""
        if (data := self._datasets.of(structure)) is not None:
            return list(data.tasks)
        return self.tasks_of(structure) + [SHOWCASE] * (structure in self._showcases.all)

    def structures_of(self, task: str) -> list[str]:
        """Configured structures that take part in a task."""
        return self.takers(task, self._structures.entries)

    @cached_property
    def benchmarked(self) -> list[str]:
        """Tasks that configured structures take part in: what tables and figures average over structures."""
        return [name for name in self._settings.tasks if self.structures_of(name)]

    def takers(self, task: str, structures: list[str]) -> list[str]:
        """Those of some structures that take part in a task."""
        allowed = self._allowed[task]
        return structures if allowed is None else [structure for structure in structures if structure in allowed]

    @cached_property
    def _allowed(self) -> dict[str, frozenset[str] | None]:
        """Structures that a task is restricted to, if it is; asked for every structure, so lists are read once."""
        return {name: self._restriction(name, task.entries) for name, task in self._settings.tasks.items()}

    def _restriction(self, task: str, entries: list[str] | None) -> frozenset[str] | None:
        if entries is None:
            return None
        return frozenset(entry for entry, _ in self._lists.read(entries, f"tasks.{task}.entries"))

    def score_tables(self, task: str, structures: list[str]) -> list[str]:
        """Score tables of a task, of those structures that take part in it."""
        return [paths.TASK_SCORES.format(structure=entry, task=task) for entry in self.takers(task, structures)]


def _series(task: str, tasks: Mapping[str, Measured]) -> list[str]:
    """Tasks that measure the same as a task but for the noise: one per level, in the order of their noise."""
    levels = {tasks[name].noise: name for name in reversed(_alike(tasks[task], tasks, but=("noise",)))}
    return [levels[noise] for noise in sorted(levels)]


def _alike(task: Measured, tasks: Mapping[str, Measured], *, but: tuple[str, ...]) -> list[str]:
    """Tasks that measure the same as a task but for some kinds of error."""
    compared = {*MEASURED, *ERRORS}.difference(but)
    same = task.model_dump(include=compared)
    return [name for name in tasks if tasks[name].model_dump(include=compared) == same]


def _errors(task: Measured) -> list[float]:
    return [getattr(task, error) for error in ERRORS]
