"""What is measured of which structure, and how strongly measurements guide."""

from functools import cached_property

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.measurements import Measured
from benchmark.plan.checks import check_entities, known
from benchmark.plan.lists import Lists
from benchmark.plan.showcases import SHOWCASE, Showcases
from benchmark.plan.structures import Structures

MEASURED = ("projections", "points", "low_resolution", "subunit", "weights", "rotation", "draw")  # without errors
ERRORS = ("noise", "missing", "spurious", "pose_error")


class Tasks:
    """Answers to the rules' questions about tasks, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists, structures: Structures, showcases: Showcases):
        self._settings, self._lists = settings, lists
        self._structures, self._showcases = structures, showcases

    # ---- of a requested file

    def task(self, wildcards) -> Measured:
        """The task of a requested file, or the structure's showcase."""
        if wildcards.task == SHOWCASE:
            return known(wildcards.structure, self._showcases.all, "showcase")
        return known(wildcards.task, self._settings.tasks, "task")

    def measured(self, wildcards) -> dict:
        """What is measured, and with what errors."""
        return self.task(wildcards).model_dump(include={*MEASURED, *ERRORS})

    def steps(self, wildcards) -> int:
        """Time steps of a task."""
        return self.task(wildcards).steps or self._settings.dps.steps

    def alpha(self, wildcards) -> float:
        """Guidance strength of a requested file."""
        return self.strength(self.task(wildcards))

    def beta(self, wildcards) -> str:
        """Noise control of a requested file, by its name."""
        return self.task(wildcards).beta

    def title(self, wildcards) -> str:
        """What figures and models call a task."""
        return self.task(wildcards).title or wildcards.task

    def draws(self, wildcards) -> str:
        """The task that random views and points belong to: measurements with errors share those of the least."""
        task = self.task(wildcards)
        if not any(getattr(task, error) for error in ERRORS):
            return wildcards.task
        tasks = {name: self._settings.tasks[name] for name in self._alike(task, but=ERRORS)}
        return min(tasks, key=lambda name: [getattr(tasks[name], error) for error in ERRORS], default=wildcards.task)

    def subunit_atoms(self, wildcards) -> str | list[str]:
        """The structure's atoms where a task picks its subunit by the description of an entity."""
        subunit = self.task(wildcards).subunit
        if subunit is None or subunit.entity is None:
            return []
        check_entities(wildcards.structure, wildcards.task, self._structures.bundled)
        return self._structures.atoms(wildcards)

    # ---- of the configuration

    def strength(self, task: Measured) -> float:
        """Guidance strength of measurements: the one that belongs to guidance with, or without, a limit."""
        unlimited = self._settings.dps.guidance_clip is None and task.alpha_unclipped is not None
        return task.alpha_unclipped if unlimited else task.alpha

    def titles(self, names: list[str]) -> dict[str, str]:
        """What figures call tasks, by their names."""
        return {name: self._settings.tasks[name].title or name for name in names}

    def noise_series(self, task: str) -> list[str]:
        """Tasks that measure the same as a task but for the noise: one per level, in the order of their noise."""
        tasks = self._settings.tasks
        alike = self._alike(known(task, tasks, "task"), but=("noise",))
        levels = {tasks[name].noise: name for name in reversed(alike)}
        return [levels[noise] for noise in sorted(levels)]

    def _alike(self, task: Measured, *, but: tuple[str, ...]) -> list[str]:
        """Tasks that measure the same but for some kinds of error."""
        compared = {*MEASURED, *ERRORS}.difference(but)
        same, tasks = task.model_dump(include=compared), self._settings.tasks
        return [name for name in tasks if tasks[name].model_dump(include=compared) == same]

    def tasks_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in."""
        return [name for name in self._settings.tasks if structure in self.takers(name, [structure])]

    def experiments_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in, and its showcase if it has one."""
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
        return [
            paths.SCORES.format(structure=structure, task=task, method=method)
            for structure in self.takers(task, structures)
            for method in self._settings.methods
        ]
