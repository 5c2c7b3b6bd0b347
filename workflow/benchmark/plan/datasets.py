"""Data sets of shapes: which shapes there are, where they are read from, and what one job makes of them."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import SimpleNamespace

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.datasets import STANDIN, Dataset
from benchmark.errors import WorkflowError
from benchmark.plan.checks import check_generated, known
from benchmark.plan.lists import Lists
from pointprior.shapes.categories import CATEGORIES

SPLITS = ("train", "val", "test")  # of the archive


@dataclass(frozen=True)
class Scope:
    """What one job works on: a molecule in one task or in several, or a shape in all tasks of its data set.

    Attributes
    ----------
    suffix : str
        Of the rules' names.
    structure : str
        Which structures: a regular expression.
    tasks : tuple of str
        Tasks of a job, where they do not follow from the file that is asked for.
    besides : tuple of str
        Tasks of the same structures that other jobs take.
    of_shapes : bool
        Whether the structures are shapes.
    """

    suffix: str
    structure: str
    tasks: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    of_shapes: bool = False

    def files(self, template: str) -> list[str]:
        """A file of every task that a job works on."""
        return [template.replace("{task}", task) for task in self.tasks] if self.tasks else [template]

    def made(self, template: str) -> list[str]:
        """A file of every task that a job makes: of the scope's structures only."""
        made = self.files(constrained(template, self.structure))
        if not self.besides:
            return made
        others = "|".join(map(re.escape, self.besides))
        return [path.replace("{task}", f"{{task,(?!(?:{others})/)[^/]+}}") for path in made]

    def all_files(self, templates: list[str]) -> list[str]:
        """Files of every task that a job works on."""
        return [file for template in templates for file in self.files(template)]

    @property
    def task(self) -> str:
        """The job's tasks, as its message says it."""
        return f"its {len(self.tasks)} tasks" if self.tasks else "{wildcards.task}"

    def minutes(self, first: int) -> int:
        """Time to ask for, of which one task takes the given minutes; each further one takes half of that."""
        return first * (1 + max(len(self.tasks), 1)) // 2


def constrained(template: str, structure: str) -> str:
    """A template that only some structures fit: those of a regular expression."""
    return template.replace("{structure}", f"{{structure,{structure}}}")


def suffix(*names: str) -> str:
    """What the names of rules end with that are made for each of some things."""
    return "".join(f"_{name.replace('-', '_')}" for name in names)


class Datasets:
    """Answers to the rules' questions about data sets of shapes, for one configuration.

    A shape's structure is called `dataset/synset_name`, after its id `synset/name` in the archive.
    """

    def __init__(self, settings: Configuration, lists: Lists):
        self._settings, self._lists = settings, lists

    # ---- names

    @cached_property
    def molecules(self) -> str:
        """Regular expression of molecules: anything but the names of other folders of the results.

        So a mistyped id gets an answer from `Checks.structure`.
        """
        others = "|".join([*paths.FOLDERS, *map(re.escape, self._settings.datasets)])
        return rf"(?!(?:{others})/)[^/]+"

    @property
    def shapes(self) -> str:
        """Regular expression of shapes; one that fits nothing if there are none."""
        return "|".join(map(self._shapes, self._settings.datasets)) or "(?!)"

    def of_molecules(self, template: str, *, but: str = "(?!)") -> str:
        """A file that only molecules have; of those, not the ones that a regular expression names."""
        return constrained(template, f"(?!(?:{but})/){self.molecules}")

    def of_shapes(self, template: str) -> str:
        """A file that only shapes have."""
        return constrained(template, self.shapes)

    @property
    def structures(self) -> str:
        """Regular expression of all structures."""
        return f"{self.molecules}|{self.shapes}"

    @property
    def drawn_molecules(self) -> str:
        """Regular expression of molecules in the names of figures, where `_` and a task follow."""
        return "pdb_[0-9A-Za-z]{8}|[^/_]+"

    @property
    def drawn_shapes(self) -> str:
        """Regular expression of shapes there, whose names may hold `_` too; one that fits nothing if there are none."""
        named = self._settings.datasets.items()
        shapes = [f"{self._shapes(name)}(?=_(?:{'|'.join(data.tasks)})\\.)" for name, data in named]
        return "|".join(shapes) or "(?!)"

    @property
    def scopes(self) -> list[Scope]:
        """What jobs work on: molecules, and the shapes of every data set."""
        named = self._settings.datasets.items()
        shapes = [Scope(suffix(name), self._shapes(name), tuple(data.tasks), of_shapes=True) for name, data in named]
        return [*self._molecular_scopes, *shapes]

    @property
    def _molecular_scopes(self) -> list[Scope]:
        """What jobs of molecules work on: one task, and several at once if the configuration asks for that."""
        single = Scope("", self.molecules, besides=self.joined_tasks)
        return [single, *[Scope("_all_tasks", self.molecules, self.joined_tasks)] * bool(self.joined_tasks)]

    @cached_property
    def joined_tasks(self) -> tuple[str, ...]:
        """Tasks of molecules that one job takes: those that are not restricted to some structures, if two or more."""
        if self._settings.execution.job == "task":
            return ()
        unrestricted = tuple(name for name, task in self._settings.tasks.items() if task.entries is None)
        return unrestricted if len(unrestricted) > 1 else ()

    def _shapes(self, name: str) -> str:
        return f"{re.escape(name)}/[^/]+"

    def of(self, structure: str) -> Dataset | None:
        """The data set of a structure; None of a molecule."""
        name, _, shape = structure.rpartition("/")
        return known(name, self._settings.datasets, "data set") if shape and name else None

    # ---- shapes

    def entries(self, name: str) -> list[str]:
        """Structures of a data set: the first shapes of its split."""
        data = self._settings.datasets[name]
        return self._first(name, data.split, data.first)

    def validation(self, name: str, first: int) -> list[str]:
        """The first shapes of the validation split of a data set's archive."""
        return self._first(name, "val", first)

    def shape_id(self, structure: str) -> str:
        """A shape's id in its archive; an error if the data set has no such shape in any split."""
        name, _, shape = structure.rpartition("/")
        listed = {identity.replace("/", "_", 1): identity for identity in self._listed(name)}
        return known(shape, listed, f"shape of {name}")

    def shape(self, wildcards) -> str:
        """The id of a requested shape."""
        return self.shape_id(wildcards.structure)

    def archive_of(self, wildcards) -> list[str]:
        """The archive of a requested shape, if a rule makes it."""
        return self.archive_file(wildcards.structure.split("/")[0])

    def place(self, wildcards) -> SimpleNamespace:
        """Where a requested shape is read from."""
        return self.archive(wildcards.structure.split("/")[0])

    def archive(self, name: str) -> SimpleNamespace:
        """Where a data set is read from; of a type that snakemake does not compare, for the place changes no shape."""
        return SimpleNamespace(path=str(self._place(name)))

    def archive_file(self, name: str) -> list[str]:
        """The archive of a data set, if a rule makes it."""
        return [paths.STANDIN] if self._settings.datasets[name].archive == STANDIN else []

    def at_hand(self, name: str) -> bool:
        """Whether the archive of a data set is there, or made by a rule."""
        try:
            self._place(name)
        except WorkflowError:
            return False
        return True

    def points(self, structure: str) -> int:
        """Points of a structure's cloud."""
        data = self.of(structure)
        return self._settings.coarse_grain.components if data is None else data.points

    def prior(self, structure: str) -> str:
        """The prior that reconstructs a structure."""
        data = self.of(structure)
        return self._settings.prior if data is None else data.prior

    # ---- models and maps

    def frame(self, wildcards) -> str:
        """Frame in which models and maps of a structure are written."""
        return "deposit" if self.of(wildcards.structure) is None else "archive"

    def fetched(self, wildcards) -> str | None:
        """What a viewer may fetch by its id to show beside a structure's models; shapes are in no public archive."""
        return wildcards.structure if self.of(wildcards.structure) is None else None

    def resolution(self, wildcards) -> float | None:
        """Resolution of a structure's maps in Å; None: by the spacing of its points, as always of shapes."""
        return self._settings.density.resolution if self.of(wildcards.structure) is None else None

    # ---- reading the archive

    def _place(self, name: str) -> Path:
        from pointprior.shapes.archive import ShapeArchiveError, find_archive

        given = self._settings.datasets[name].archive
        if given == STANDIN:
            return Path(paths.STANDIN)
        try:
            return find_archive(None if given is None else self._lists.found(given)).absolute()
        except ShapeArchiveError as problem:
            raise WorkflowError(f"datasets.{name}.archive: {problem}") from None

    def _first(self, name: str, split: str, first: int) -> list[str]:
        data = self._settings.datasets[name]
        if data.archive == STANDIN:
            ids = self._generated(split, data)[:first]
            check_generated(name, split, wanted=first, there=len(ids))
        else:
            ids = _selected(self._place(name), split, tuple(data.categories), first, data.points)
        return [f"{name}/{identity.replace('/', '_', 1)}" for identity in ids]

    def _listed(self, name: str) -> list[str]:
        data = self._settings.datasets[name]
        categories = tuple(data.categories)
        if data.archive == STANDIN:
            return [identity for split in SPLITS for identity in self._generated(split, data)]
        return [identity for split in SPLITS for identity in _listed(self._place(name), split, categories)]

    # ---- the stand-in

    def standin(self) -> dict:
        """What decides the stand-in: its numbers, and the categories that data sets take of it."""
        users = [data for data in self._settings.datasets.values() if data.archive == STANDIN]
        taken = {category for data in users for category in data.categories}
        return self._settings.standin.model_dump() | {"categories": [name for name in CATEGORIES if name in taken]}

    def _generated(self, split: str, data: Dataset) -> list[str]:
        made = self._settings.standin
        count = {"train": made.train, "val": made.validation, "test": made.test}[split]
        return _generated(made.seed, split, count, tuple(data.categories))


@cache
def _selected(place: Path, split: str, categories: tuple[str, ...], first: int, points: int) -> list[str]:
    """Ids of the first shapes of a split that have enough points."""
    from pointprior.shapes.archive import ShapeArchive
    from pointprior.shapes.clouds import select

    try:
        return select(ShapeArchive(place), split, categories, first=first, points=points).ids
    except ValueError as problem:
        raise WorkflowError(str(problem)) from None


@cache
def _listed(place: Path, split: str, categories: tuple[str, ...]) -> list[str]:
    """Ids of all shapes of a split."""
    from pointprior.shapes.archive import ShapeArchive

    try:
        return ShapeArchive(place).listed(split, categories)
    except ValueError as problem:
        raise WorkflowError(str(problem)) from None


@cache
def _generated(seed: int, split: str, count: int, categories: tuple[str, ...]) -> list[str]:
    """Ids of a split's objects of the stand-in, known before any is made."""
    from pointprior.shapes.procedural.writer import listed

    return [item.id for item in listed(split, count, seed=seed, categories=categories)]
