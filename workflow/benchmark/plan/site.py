"""The page of results: what it has tables of, and what it shows in three dimensions."""

import json
from functools import cached_property

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.measurements import Measured
from benchmark.plan.datasets import Datasets
from benchmark.plan.outputs import Outputs
from benchmark.plan.reproduction import Reproduction
from benchmark.plan.showcases import SHOWCASE, Showcases
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import ERRORS, MEASURED

MOLECULES = "molecules"
SHOWN = {"projections", "points", "low_resolution", "noise"}  # of what a task measures
OWN = "Showcases: each structure with its own measurements"


class Site:
    """Answers to the rules' questions about the page of results, for one configuration."""

    def __init__(
        self,
        settings: Configuration,
        datasets: Datasets,
        structures: Structures,
        showcases: Showcases,
        outputs: Outputs,
        reproduction: Reproduction,
    ):
        self._settings, self._datasets, self._structures = settings, datasets, structures
        self._showcases, self._outputs, self._reproduction = showcases, outputs, reproduction

    def read(self, wildcards) -> dict[str, list[str]]:
        """Files that the page is made of; those of exhibits one after the other, models method by method."""
        return {
            # of all molecules, computed or published, and of the data sets at hand
            "scores": [self._outputs.all_scores(), *[paths.SHAPE_SCORES] * self._has_shapes],
            # none where there is one sample
            "coverage": self._outputs.drawn_coverage(wildcards) if self._outputs.calibrations() else [],
            "observations": self._files(paths.OBSERVATIONS),
            "clouds": self._files(paths.CLOUD),
            "models": [
                self._outputs.samples(*pair, method)
                for pair in self.exhibits
                for method in self._outputs.compared_on(pair[0])
            ],
            "deposits": [paths.DEPOSIT.format(structure=name) for name in self._traced],
        }

    # ---- tables

    def tasks(self) -> list[dict]:
        """What every task measures, as `pointprior.output.site.results.Task` takes it."""
        own = [{"name": SHOWCASE, "title": OWN, "data": MOLECULES, "own": True}] * bool(self._showcases.entries)
        molecular = [_task(name, name, MOLECULES, task) for name, task in self._settings.tasks.items()]
        shapes = [
            _task(f"{dataset}/{name}", name, dataset, task)
            for dataset, data in self._settings.datasets.items()
            for name, task in data.tasks.items()
        ]
        return [*molecular, *own, *shapes * self._has_shapes]

    def facts(self) -> dict[str, str]:
        """What made the run, for the foot of the page."""
        settings = self._settings
        return {
            "prior": f"{settings.prior} ({settings.priors[settings.prior].source})",
            "steps of DPS": str(settings.dps.steps),
            "seed": str(settings.seed),
        }

    # ---- what can be looked at

    @cached_property
    def exhibits(self) -> list[tuple[str, str]]:
        """Structures and tasks that are shown in three dimensions: those that the figures show one by one.

        Tables that are published have no models beside them.
        """
        if self._settings.redraw:
            return []
        pairs = [*self._outputs.shown, *((entry, SHOWCASE) for entry in self._showcases.entries)]
        return list(dict.fromkeys(pairs + (self._reproduction.pairs() if self._has_shapes else [])))

    def named(self) -> list[dict]:
        """The same with the page's names of tasks, the methods, and whether the structure is a molecule."""
        return [
            {
                "structure": structure,
                "task": self._task_of(structure, task),
                "methods": self._outputs.compared_on(structure),
                "is_molecule": "/" not in structure,
            }
            for structure, task in self.exhibits
        ]

    def traces(self) -> dict:
        """Structures that have a deposit to draw the trace of, and the assembly that is meant."""
        return {"structures": self._traced, "assembly": self._settings.structures.assembly}

    def _files(self, template: str) -> list[str]:
        """A file of every exhibit."""
        return [template.format(structure=structure, task=task) for structure, task in self.exhibits]

    @cached_property
    def _traced(self) -> list[str]:
        structures = dict.fromkeys(structure for structure, _ in self.exhibits)
        return [name for name in structures if "/" not in name and name not in self._structures.bundled]

    def _task_of(self, structure: str, task: str) -> str:
        """The page's name of a task: a shape's with its data set."""
        dataset = structure.rpartition("/")[0]
        return f"{dataset}/{task}" if dataset else task

    @property
    def _has_shapes(self) -> bool:
        """Whether there are data sets, and all their archives are at hand or made here."""
        named = self._settings.datasets
        return bool(named) and not self._settings.redraw and all(map(self._datasets.at_hand, named))


def _task(name: str, short: str, data: str, task: Measured) -> dict:
    measured = task.model_dump(include=SHOWN)
    named = {"name": name, "title": task.title or short, "data": data, "subunit": task.subunit is not None}
    besides = json.dumps(task.model_dump(include={*MEASURED, *ERRORS} - SHOWN), sort_keys=True)
    return named | measured | {"besides": besides}
