"""What the rules ask: which structures, which of them are bundled, which files a target needs.

It knows the configuration and looks at most at whether files exist; it reads lists, never data.
"""

from functools import cached_property
from os import W_OK, X_OK, access
from pathlib import Path

from configuration import Configuration
from errors import WorkflowError
from lists import Lists, known
from measurements import PAPER_SHOWCASES, Measured, Showcase
from priors import Priors

from pointprior.methods import METHODS
from pointprior.structures import archive

RESULTS = Path("results")
OPENED = (".cif", ".pdb", "_mean.mrc", "_localisation.mrc", ".cxc", ".pml")  # what people open of a method's samples
SHOWCASE = "showcase"  # the task of every showcase: its results lie in results/{structure}/showcase
PUBLISHED = "docs/benchmark"  # tables that are kept with the code
MEASURED = ("projections", "points", "low_resolution", "subunit", "weights", "rotation")  # of a task, without noise


class Plan:
    """Answers to the rules' questions for one configuration.

    Parameters
    ----------
    settings : Configuration
        The checked configuration.
    root : Path
        The repository: where relative paths of the configuration are looked for after the working directory.
    """

    SWEEP_COLUMNS = ["structure", "task", "method", "alpha", "sample", "rmsd_cg", "chamfer", "emd", "energy"]  # noqa: RUF012

    def __init__(self, settings: Configuration, root: Path):
        self.settings = settings
        self.lists = Lists(root)
        self.priors = Priors(settings, self.lists)

    # ---- structures

    @cached_property
    def entries(self) -> list[str]:
        """All structures to reconstruct, lower case, each once."""
        listed = self.lists.read(self.settings.structures.entries, "structures.entries")
        return list(dict.fromkeys(entry for entry, _ in listed))

    @cached_property
    def mirrors(self) -> list[str]:
        """Local copies of the PDB: the configuration's, then those of PDB_DIR."""
        return archive.mirrors_from([self.lists.found(mirror) for mirror in self.settings.structures.mirrors])

    @cached_property
    def bundled(self) -> frozenset[str]:
        """Structures whose bundled cloud is used: no deposit of theirs is at hand."""
        if self.settings.structures.bundled is None:
            return frozenset()
        folder = self.lists.found(self.settings.structures.bundled)
        if not folder.is_dir():
            raise WorkflowError(f"structures.bundled: there is no folder '{self.settings.structures.bundled}'")
        names = (path.stem for path in folder.glob("*.npz"))
        return frozenset(name for name in names if not self._at_hand(name))

    def _at_hand(self, entry: str) -> bool:
        return (RESULTS / f"deposits/{entry}.cif.gz").exists() or archive.locate(entry, self.mirrors) is not None

    def checked(self, wildcards) -> list[str]:
        """No input; an error if the structure of a requested file is no PDB id in lower case."""
        asked = wildcards.structure
        try:
            proper = archive.normalise_id(asked)
        except ValueError as problem:
            raise WorkflowError(f"'{asked}' in the requested file: {problem}") from None
        if proper != asked:
            raise WorkflowError(f"'{asked}' in the requested file: PDB ids are written '{proper}' in file names")
        return []

    def atoms(self, wildcards) -> str | list[str]:
        """The structure's atoms; nothing if it comes as a bundled cloud."""
        return [] if wildcards.structure in self.bundled else f"results/{wildcards.structure}/atoms.npz"

    # ---- tasks and methods

    def task(self, wildcards) -> Measured:
        """The task of a requested file, or the structure's showcase."""
        if wildcards.task == SHOWCASE:
            return known(wildcards.structure, self.showcases, "showcase")
        return known(wildcards.task, self.settings.tasks, "task")

    def steps(self, wildcards) -> int:
        """Time steps of a task."""
        return self.task(wildcards).steps or self.settings.dps.steps

    def alpha(self, wildcards) -> float:
        """Guidance strength of a requested file."""
        return self.strength(self.task(wildcards))

    def strength(self, task: Measured) -> float:
        """Guidance strength of measurements: the one that belongs to guidance with, or without, a limit."""
        unlimited = self.settings.dps.guidance_clip is None and task.alpha_unclipped is not None
        return task.alpha_unclipped if unlimited else task.alpha

    def noise_series(self, task: str) -> list[str]:
        """Tasks that measure the same as a task but for the noise: one a level, in the order of their noise."""

        def measured(name):
            return self.settings.tasks[name].model_dump(include=set(MEASURED))

        known(task, self.settings.tasks, "task")
        alike = [name for name in self.settings.tasks if measured(name) == measured(task)]
        levels = {self.settings.tasks[name].noise: name for name in reversed(alike)}
        return [levels[noise] for noise in sorted(levels)]

    def draws(self, wildcards) -> str:
        """The task that random views and points belong to: noisy measurements share those of the least noise."""
        noisy = self.task(wildcards).noise > 0
        return self.noise_series(wildcards.task)[0] if noisy else wildcards.task

    def tasks_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in."""
        return [name for name in self.settings.tasks if structure in self._takers(name, [structure])]

    def experiments_of(self, structure: str) -> list[str]:
        """Tasks that a structure takes part in, and its showcase if it has one."""
        return self.tasks_of(structure) + [SHOWCASE] * (structure in self.showcases)

    def structure_tables(self) -> list[str]:
        """Tables of all structures, but for those of which nothing is measured."""
        return [f"results/{entry}/rmsd.csv" for entry in self.entries if self.experiments_of(entry)]

    def structure_scores(self, wildcards) -> list[str]:
        """Score tables of a requested structure; an error if it has no showcase and no task takes it."""
        structure = wildcards.structure
        if not self.experiments_of(structure):
            raise WorkflowError(f"{structure} takes part in no task: all of them have other `entries`")
        return [
            f"results/{structure}/{t}/{m}.csv" for t in self.experiments_of(structure) for m in self.settings.methods
        ]

    @cached_property
    def benchmarked(self) -> list[str]:
        """Tasks that configured structures take part in: what tables and figures average over structures."""
        return [name for name in self.settings.tasks if self.structures_of(name)]

    def structures_of(self, task: str) -> list[str]:
        """Configured structures that take part in a task."""
        return self._takers(task, self.entries)

    def _takers(self, task: str, structures: list[str]) -> list[str]:
        allowed = self._allowed[task]
        return structures if allowed is None else [structure for structure in structures if structure in allowed]

    @cached_property
    def _allowed(self) -> dict[str, frozenset[str] | None]:
        """Structures that a task is restricted to, if it is; asked for every structure, so lists are read once."""
        restricted = {name: task.entries for name, task in self.settings.tasks.items()}
        return {
            name: None
            if only is None
            else frozenset(entry for entry, _ in self.lists.read(only, f"tasks.{name}.entries"))
            for name, only in restricted.items()
        }

    def subunit_atoms(self, wildcards) -> str | list[str]:
        """The structure's atoms where a task picks its subunit by the description of an entity."""
        subunit = self.task(wildcards).subunit
        if subunit is None or subunit.entity is None:
            return []
        if wildcards.structure in self.bundled:
            raise WorkflowError(
                f"task {wildcards.task} needs the entities of {wildcards.structure}, but only its bundled cloud is at "
                "hand: name a mirror (structures.mirrors or PDB_DIR), or the subunit's chains"
            )
        return self.atoms(wildcards)

    def method(self, wildcards) -> str:
        """A requested file's models, made by a known method."""
        known(wildcards.method, METHODS, "method")
        return f"results/{wildcards.structure}/{wildcards.task}/{wildcards.method}.npz"

    def initial(self, method: str) -> str | list[str]:
        """Models of another method that a method begins from; nothing if its settings name none."""
        start = getattr(getattr(self.settings, method), "initial", None)
        return [] if start is None else f"results/{{structure}}/{{task}}/{start}.npz"

    # ---- what is collected

    def score_tables(self, task: str, structures: list[str]) -> list[str]:
        """Score tables of a task, of those structures that take part in it."""
        takers = self._takers(task, structures)
        return [f"results/{s}/{task}/{method}.csv" for s in takers for method in self.settings.methods]

    def task_scores(self, wildcards) -> list[str]:
        """Scores that the figure of a task shows: computed, or published ones of all tasks."""
        known(wildcards.task, self.settings.tasks, "task")
        return [self._published("scores")] if self.settings.redraw else self.score_tables(wildcards.task, self.entries)

    def calibrations(self) -> list[str]:
        """Calibrations of all sampling methods; none where there is one sample, which has no spread."""
        methods = [method for method in self.settings.methods if method != "truth" and self.settings.samples > 1]
        pairs = [(s, t) for s in self.entries for t in self.experiments_of(s)]
        return [f"results/{s}/{t}/{method}.calibration.csv" for s, t in pairs for method in methods]

    @property
    def _calibrated(self) -> bool:
        """Whether there are calibrations to average over structures."""
        return bool(self.benchmarked and self.calibrations())

    def _has_atoms(self, task: str) -> bool:
        """Whether a structure of a task comes with atoms, not as a bundled cloud."""
        return not self.bundled.issuperset(self.structures_of(task))

    def coverage(self, wildcards=None) -> list[str]:
        """Table of all calibrations, if there are any; for figures a published one where these are redrawn."""
        if wildcards is not None and self.settings.redraw:
            return [self._published("coverage")]
        if wildcards is not None and not self.calibrations():
            raise WorkflowError("a calibration needs two samples or more of dps, ml or prior (samples, methods)")
        return ["results/tables/coverage.csv"] * bool(self.calibrations())

    def _published(self, table: str) -> str:
        """A published table by its absolute path, under which no rule makes it: it is taken as it is."""
        path = self.lists.found(self.settings.redraw) / f"{table}.csv"
        if not path.is_file():
            raise WorkflowError(f"redraw: there is no {path}; `snakemake publish` writes it (or set redraw to null)")
        return str(path.resolve())

    def compared_scores(self, wildcards) -> list[str]:
        """Scores that stand under a drawn reconstruction: of DPS, and of its rivals if they are run."""
        return [f"results/{wildcards.structure}/{wildcards.task}/{method}.csv" for method in self._compared]

    @property
    def _compared(self) -> list[str]:
        rivals = ("pnp", "ml", "ml_regularised")
        return ["dps", *(method for method in rivals if method in self.settings.methods)]

    @cached_property
    def shown(self) -> list[tuple[str, str]]:
        """Pairs (structure, task) that are drawn one by one; they are also written as models and maps."""
        if self.settings.shown == "all":
            return [(entry, task) for entry in self.entries for task in self.tasks_of(entry)]
        pairs = [tuple(pair.split("/")) for pair in self.settings.shown]
        proper = [entry for entry, _ in self.lists.read([structure for structure, _ in pairs], "shown")]
        tasks = [known(task, self.settings.tasks, "task", give_name=True) for _, task in pairs]
        return list(zip(proper, tasks, strict=True))

    @cached_property
    def showcases(self) -> dict[str, Showcase]:
        """Showcases by their structure's id: the configured ones, and the paper's own of other structures.

        Those of more points than clouds have are left out: only the paper's own, for others are refused.
        """
        named = PAPER_SHOWCASES | dict(zip(self._columns, self.settings.showcases.values(), strict=True))
        return {
            entry: case for entry, case in named.items() if not case.too_many(self.settings.coarse_grain.components)
        }

    @cached_property
    def _columns(self) -> list[str]:
        """Structures of the configured showcases."""
        return [entry for entry, _ in self.lists.read(list(self.settings.showcases), "showcases")]

    @property
    def showcased(self) -> list[str]:
        """Configured structures that are columns of Fig. 2, in its order."""
        return [entry for entry in dict.fromkeys(self._columns) if entry in self.entries and entry in self.showcases]

    def showcase_titles(self) -> list[str]:
        """Headings of Fig. 2."""
        names = {entry: self.showcases[entry].name for entry in self.showcased}
        return [f"{name} ({entry})" if name else entry for entry, name in names.items()]

    def showcase_files(self, pattern: str) -> list[str]:
        """A file of every showcase; `pattern` holds {structure}, {task} and perhaps {method}."""
        return [
            pattern.format(structure=entry, task=SHOWCASE, method=method)
            for entry in self.showcased
            for method in (self._compared if "{method}" in pattern else [""])
        ]

    def showcase_atoms(self, wildcards) -> list[str]:
        """Atoms of the showcases that have any; an error if there is no showcase."""
        if not self.showcased:
            raise WorkflowError("figure2: none of the `showcases` is a structure that `structures.entries` lists")
        return [f"results/{entry}/atoms.npz" for entry in self.showcased if entry not in self.bundled]

    def title(self, wildcards) -> str:
        """What figures and models call a task."""
        return self.task(wildcards).title or wildcards.task

    def figures(self) -> list[str]:
        """Figures of every task, the calibration, what is shown, Fig. 2, and the training that is part of the run."""
        stems = [f"results/figures/{task}" for task in self.benchmarked]
        stems += [f"results/figures/atomic/{task}" for task in self.benchmarked if self._has_atoms(task)]
        stems += ["results/figures/calibration"] * self._calibrated
        if self.settings.redraw:  # the others need models, which are not published
            return [f"{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png")]
        stems += [f"results/figures/reconstructions/{s}_{t}" for s, t in self.shown]
        stems += ["results/figures/figure2"] * bool(self.showcased)
        if self._trained:
            stems += [f"{self.priors.weights_folder(self.settings.prior)}/{name}" for name in ("curve", "gallery")]
        return [f"{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png")] + self.noise_figures()

    def tables(self) -> list[str]:
        """All tables of the scores, and Table 3 if the prior is trained here (it needs the training clouds)."""
        averaged = [*["summary"] * bool(self.benchmarked), *["calibration"] * self._calibrated]
        return [f"results/tables/{name}.csv" for name in [*averaged, "entries", *["table3"] * self._trained]]

    def published_tables(self) -> list[str]:
        """Tables to keep with the code: those that figures are drawn from, and their summaries."""
        return ["results/tables/scores.csv", *self.coverage(), *self.tables()]

    def published_files(self) -> list[str]:
        """Where publishing puts these tables."""
        return [f"{PUBLISHED}/{Path(table).name}" for table in self.published_tables()]

    def published_configuration(self) -> dict:
        """The configuration with lists read and without the places of this machine."""
        content = self.settings.model_dump(mode="json") | {"redraw": None}
        content["structures"] |= {"entries": self.entries, "mirrors": []}
        # figures of showcases need models, which are not published; those of other structures belong to other runs
        spelled = zip(self.settings.showcases, self._columns, strict=True)
        content["showcases"] = {name: content["showcases"][name] for name, entry in spelled if entry in self.entries}
        for name, task in content["tasks"].items():
            if task["entries"] is not None:
                task["entries"] = self.structures_of(name)
        return content

    @property
    def _trained(self) -> bool:
        return self.settings.priors[self.settings.prior].source == "train"

    def models(self) -> list[str]:
        """Models, maps and scripts of what is shown, showcases too; those of other methods are made when asked for."""
        pairs = dict.fromkeys([*self.shown, *((entry, SHOWCASE) for entry in self.showcased)])
        return [f"results/{s}/{t}/dps{ending}" for s, t in pairs for ending in OPENED]

    def deposit(self, wildcards) -> str | list[str]:
        """The structure's deposit; nothing if it comes as a bundled cloud."""
        return [] if wildcards.structure in self.bundled else f"results/deposits/{wildcards.structure}.cif.gz"

    def demo(self, wildcards) -> list[str]:
        """No input; an error where `demo` is asked of another configuration than the demo's."""
        if self.settings.structures.bundled is None:
            raise WorkflowError("`demo` has its own configuration: snakemake demo --configfile config/demo.yaml")
        return []

    # ---- beyond the paper

    def noise_figures(self) -> list[str]:
        """RMSD against noise, of every task that comes with several levels of it."""
        first = dict.fromkeys(self.noise_series(task)[0] for task in self.settings.tasks)
        stems = [f"results/figures/noise/{task}" for task in first if len(self.noise_series(task)) > 1]
        return [f"{stem}.{suffix}" for stem in stems for suffix in ("pdf", "png")]

    def noise_scores(self, wildcards) -> list[str]:
        """Score tables of a task at all levels of noise, of the structures that take part in all of them."""
        series = self.noise_series(wildcards.task)
        if len(series) < 2:
            raise WorkflowError(f"no task measures what '{wildcards.task}' does with another `noise`")
        shared = [s for s in self.entries if all(s in self._takers(task, [s]) for task in series)]
        return [table for task in series for table in self.score_tables(task, shared)]

    @cached_property
    def sweep_entries(self) -> list[str]:
        """Structures of the α sweep; an error if one is tested, or if the prior may have been trained on it."""
        from pointprior.priors.training_set import is_held_out

        one_in = self.settings.priors[self.settings.prior].training.validation_one_in
        clusters = dict(self.priors.training_entries(self.settings.prior))
        chosen = [entry for entry, _ in self.lists.read(self.settings.alpha_sweep.entries, "alpha_sweep")]
        for entry in chosen:
            if entry in self.entries:
                raise WorkflowError(f"alpha_sweep.entries: {entry} is tested (structures.entries); α must not see it")
            if entry not in clusters or not is_held_out(clusters[entry], one_in):
                raise WorkflowError(
                    f"alpha_sweep.entries: {entry} is in no validation cluster of the training list of "
                    f"{self.settings.prior} (every {one_in}th cluster by its hash; see training.validation_one_in)"
                )
        return chosen

    def sweep_problem(self, wildcards) -> dict:
        """What decides the models of a sweep besides α and the measurements; all α start from the same noise."""
        schedule = self.settings.dps
        steps = self.settings.alpha_sweep.steps or self.steps(wildcards)
        return {
            "key": (self.settings.seed, wildcards.structure, wildcards.task, "alpha_sweep"),
            "samples": self.settings.alpha_sweep.samples,
            "beta": self.task(wildcards).beta,
            "steps": steps,
            "nfe": steps if schedule.integrator == "euler" else 2 * steps - 1,
        }

    def sweep_checked(self, wildcards) -> list[str]:
        """No input; an error if a requested sweep is of another structure than the configuration's."""
        known(wildcards.structure, self.sweep_entries, "entry of the α sweep", give_name=True)
        return []

    def _sweep_pairs(self) -> list[tuple[str, str]]:
        tasks = [known(t, self.settings.tasks, "task", give_name=True) for t in self.settings.alpha_sweep.tasks]
        return [(entry, task) for entry in self.sweep_entries for task in tasks]

    def sweep_scores(self, wildcards=None) -> list[str]:
        """Scores at every α."""
        alphas = [f"{alpha:g}" for alpha in self.settings.alpha_sweep.alphas]
        return [f"results/alpha_sweep/{e}/{t}/{alpha}.csv" for e, t in self._sweep_pairs() for alpha in alphas]

    def sweep_baselines(self, wildcards=None) -> list[str]:
        """Scores of maximum likelihood on the same measurements."""
        return [f"results/{e}/{t}/ml.csv" for e, t in self._sweep_pairs()]


def check_writable(folder: Path) -> None:
    """Say it before the first job if nothing can be written."""
    place = folder if folder.exists() else folder.absolute().parent
    if not (place.is_dir() and access(place, W_OK | X_OK)):
        raise WorkflowError(f"nothing can be written into '{folder}': make '{place}' a folder that you may write")
