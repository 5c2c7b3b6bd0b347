"""The paper's figures of shapes and priors, and the page that sets printed numbers beside computed ones."""

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.datasets import STANDIN
from benchmark.config.measurements import Measured
from benchmark.errors import WorkflowError
from benchmark.plan.datasets import Datasets
from benchmark.plan.outputs import Outputs
from benchmark.plan.paper import MOLECULES, Paper
from benchmark.plan.priors import Priors
from benchmark.plan.showcases import Showcases
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks

COLUMNS = ("row 9", "row 8", "row 1", "row 8", "row 2")  # of Fig. 1: rows of Table 1
DRAWN = ("ml", "dps")  # in Fig. 1, from top to bottom
BASELINE = "ml"  # in Fig. 6
KEPT = ("table1", "table2", "table3", "table4", "time_steps", "summary")  # tables that are published with the page
RECORDS = {"configuration": "config", "provenance": "provenance"}  # files (json) of what made it
SUBJECTS = {"Chair": "chair", "Mixed": "13-category", MOLECULES: "molecule"}  # priors by what they know, in words
GALLERIES = {3: "Chair", 4: "Mixed", 5: MOLECULES}  # figures of samples by what a prior knows


class Reproduction:
    """Answers to the rules' questions about these figures and the page, for one configuration."""

    def __init__(
        self,
        settings: Configuration,
        datasets: Datasets,
        structures: Structures,
        showcases: Showcases,
        tasks: Tasks,
        priors: Priors,
        outputs: Outputs,
        paper: Paper,
    ):
        self._settings, self._datasets, self._structures = settings, datasets, structures
        self._showcases, self._tasks, self._priors = showcases, tasks, priors
        self._outputs, self._paper = outputs, paper

    # ---- Fig. 1

    @cached_property
    def columns(self) -> list[tuple[str, str, str]]:
        """Columns of Fig. 1 as (row of Table 1, shape, task): each takes the next shape of its data set.

        So none is picked for its looks. Rows that are not configured are left out.
        """
        used: Counter[str] = Counter()
        columns = []
        for place, experiment in self._rows:
            dataset, task = experiment.split("/")
            shapes = self._datasets.entries(dataset)
            columns.append((place, shapes[used[dataset] % len(shapes)], task))
            used[dataset] += 1
        return columns

    @cached_property
    def _rows(self) -> list[tuple[str, str]]:
        """Rows of Table 1 in Fig. 1, and what measures them; known without a look into archives."""
        by_place = {place: experiment for experiment, place in self._paper.places().items()}
        return [(place, by_place[place]) for place in COLUMNS if place in by_place]

    def files(self, template: str, method: str = "") -> list[str]:
        """A file of every column of Fig. 1."""
        return [template.format(structure=s, task=task, method=method) for _, s, task in self.columns]

    def errors(self, wildcards) -> list[str]:
        """Scores of Fig. 1; an error if no row of Table 1 is configured."""
        if not self.columns:
            raise WorkflowError("figure1: no data set (datasets) measures what Table 1 does")
        return [file for pair in self.pairs() for file in self._outputs.scores_of(*pair, list(DRAWN))]

    def pairs(self) -> list[tuple[str, str]]:
        """Shape and task of every column of Fig. 1."""
        return [(structure, task) for _, structure, task in self.columns]

    def headings(self) -> list[str]:
        """Headings of Fig. 1."""
        return [f"Table 1, {place}" for place, _, _ in self.columns]

    # ---- how DPS and priors were sampled

    def samplers(self) -> dict[str, dict]:
        """How DPS sampled for each item of the page that rests on it.

        Table 2 and Fig. 6 compare numbers of time steps, and say them themselves.
        """
        shapes: list[Measured] = [task for data in self._settings.datasets.values() for task in data.tasks.values()]
        measured: dict[str, list[Measured]] = {
            "Figure 1": shapes,
            "Table 1": shapes,
            "Table 2": [],
            "Figure 2": [self._showcases.all[entry] for entry in self._showcases.entries],
            "Figure 6": [],
            "Appendix A.4": [self._settings.tasks[name] for name in self._tasks.benchmarked],
        }
        dps = self._settings.dps
        return {
            title: {
                "steps": tuple(sorted({task.steps or dps.steps for task in tasks})),
                "guidance_clip": dps.guidance_clip,
            }
            for title, tasks in measured.items()
        }

    def unconditional(self) -> dict:
        """How priors were sampled without measurements."""
        chosen = self._settings.unconditional
        return {"steps": chosen.steps, "t_max": chosen.t_max}

    # ---- Figs. 3 to 5

    def gallery(self, number: int) -> str:
        """Samples that a figure shows: those for Table 3, or those of the control.

        The latter of a prior that the table leaves out, and of a released prior of molecules, since samples for the
        table are as many as held-out clouds, for which thousands of deposits would have to be read.
        """
        kind = GALLERIES[number]
        prior = self._prior_of.get(kind)
        if prior is None:
            raise WorkflowError(f"figure{number}: no prior of this configuration is the paper's of {kind}")
        at_hand = self._paper.knows_shapes(prior) or self._settings.priors[prior].source == "train"
        if at_hand and prior in self._priors.compared:
            return self._priors.place(paths.PRIOR_SAMPLES, prior)
        return paths.UNCONDITIONAL_SAMPLES.format(prior=prior, points=self._settings.coarse_grain.components)

    @cached_property
    def _prior_of(self) -> dict[str, str]:
        """Priors by what they know; of two, the one that is named first."""
        return {kind: prior for prior, kind in reversed(self._paper.kinds().items())}

    # ---- Fig. 6

    def baselines(self, wildcards) -> list[str]:
        """Scores of maximum likelihood in the tasks of Fig. 6."""
        compared = self._settings.time_steps
        experiments = [experiment.split("/") for experiment in compared.tasks]
        return [
            file
            for name, task in experiments
            for structure in self._datasets.entries(name)[: compared.shapes]
            for file in self._outputs.scores_of(structure, task, [BASELINE])
        ]

    def titles(self) -> dict[str, str]:
        """What the panels of Fig. 6 are called, by experiment."""
        places = self._paper.places()
        return {
            f"{name}/{task}": ": ".join(filter(None, [places.get(f"{name}/{task}"), measured.title]))
            for name, data in self._settings.datasets.items()
            for task, measured in data.tasks.items()
        }

    # ---- A.4

    def appendix(self) -> dict[str, str]:
        """Figures of the tasks of A.4, without suffixes, by section and what errors are taken to."""
        stems = {}
        for experiment, place in sorted(self._paper.places().items(), key=lambda item: item[1]):
            if place.startswith("A.4") and experiment in self._tasks.benchmarked:
                stems[f"{place}, mixture means"] = paths.TASK_FIGURE.format(task=experiment)
                stems[f"{place}, heavy atoms"] = paths.ATOMIC_TASK_FIGURE.format(task=experiment)
        made = set(self._outputs.average_figures())
        return {title: stem for title, stem in stems.items() if stem in made}

    def appendix_figures(self, wildcards) -> list[str]:
        """Files of these figures."""
        return [file for stem in self.appendix().values() for file in paths.drawn(stem)]

    # ---- the page

    def figures(self) -> dict[str, str]:
        """Figures of the paper that this configuration has, without suffixes, by title."""
        there = {
            1: bool(self._rows),
            2: bool(self._showcases.entries),
            **{number: kind in self._prior_of for number, kind in GALLERIES.items()},
            6: self._has(*self._settings.time_steps.tasks),
        }
        numbered = {f"Figure {n}": paths.PAPER_FIGURE.format(number=n) for n, made in sorted(there.items()) if made}
        return numbered | self.appendix()

    def pictures(self) -> list[str]:
        """PNGs of these figures."""
        return [f"{stem}.png" for stem in self.figures().values()]

    def kept(self) -> list[str]:
        """The page's pictures and the paper's tables."""
        return [*self.pictures(), *(file for name in KEPT for file in self.tables()[name])]

    def published(self) -> dict[str, list[str] | str]:
        """What is kept with the code: the page, copies of these files in the same order, and what made them."""
        folder = paths.PUBLISHED_REPRODUCTION
        flat = [Path(file).relative_to(paths.RESULTS).as_posix() for file in self.kept()]
        names = [name.split("/", 1)[1].replace("/", "_") for name in flat]
        records = {key: f"{folder}/{name}.json" for key, name in RECORDS.items()}
        return {"pages": [f"{folder}/README.md"], "copies": [f"{folder}/{name}" for name in names]} | records

    def facts(self) -> dict[str, Any]:
        """What the page says of the configuration, and what it shows and keeps."""
        return {
            "experiments": self._paper.experiments(),
            "sources": self.sources(),
            "samplers": self.samplers(),
            "unconditional": self.unconditional(),
            "figures": list(self.figures()),
            "kept": self.kept(),
        }

    def read(self, wildcards) -> dict[str, list[str]]:
        """All that the page reads."""
        others = {"atoms": self.atoms(), "cards": self._of_priors(paths.CARD), "figures": self.pictures()}
        return self.tables() | others

    def read_to_publish(self, wildcards) -> dict[str, list[str]]:
        """The same, and the weights that the record of a published page names."""
        return self.read(wildcards) | {"weights": self._of_priors(paths.WEIGHTS)}

    def tables(self) -> dict[str, list[str]]:
        """Tables behind the page, by what it calls them; nothing where the configuration has none."""
        table, shapes = paths.TABLE.format, bool(self._settings.datasets)
        return {
            "table1": [table(table="table1")] * shapes,
            "table2": [table(table="table2")] * self._has(self._settings.integrators.task),
            "table3": [table(table="table3")] * shapes,
            "table4": [table(table="table4")],
            "time_steps": [paths.TIME_STEP_SCORES] * self._has(*self._settings.time_steps.tasks),
            "summary": [table(table="summary")] * bool(self._tasks.benchmarked),
            "showcases": self._outputs.showcase_scores(["dps"]),
        }

    def atoms(self) -> list[str]:
        """Atoms of the showcases that have any."""
        return self._showcases.atoms(None) if self._showcases.entries else []

    def _of_priors(self, template: str) -> list[str]:
        """A file of every prior that `sources` names."""
        return [self._priors.place(template, source["prior"]) for source in self.sources().values()]

    def sources(self) -> dict[str, dict]:
        """What the numbers of each kind rest on."""
        kinds = [kind for kind in GALLERIES.values() if kind in self._prior_of]
        return {kind: self._data(kind) | {"prior": self._prior_of[kind]} for kind in kinds}

    def _data(self, kind: str) -> dict:
        """Where the clouds of a kind come from, and whether these are the paper's."""
        if kind == MOLECULES:
            count = len(self._structures.entries)
            entries = "PDB entry" if count == 1 else "PDB entries"
            said = f"{count} {entries} (the paper's test list is not published)"
            return {"data": said, "same_data": False}
        prior = self._prior_of[kind]
        data = next(data for data in self._settings.datasets.values() if data.prior == prior)
        if data.archive == STANDIN:
            return {"data": "generated objects that stand in for ShapeNet's", "same_data": False}
        said = f"the first {data.first} of the {data.split} split of ShapeNet's part annotation"
        return {"data": said, "same_data": data.split == "test"}

    def _has(self, *experiments: str) -> bool:
        """Whether the data sets of some experiments are configured."""
        return all(experiment.split("/")[0] in self._settings.datasets for experiment in experiments)
