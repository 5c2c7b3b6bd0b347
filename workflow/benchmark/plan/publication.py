"""What is kept with the code: tables that figures are drawn from, their summaries and the configuration."""

from pathlib import Path

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.datasets import STANDIN
from benchmark.plan.outputs import Outputs
from benchmark.plan.showcases import Showcases
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks


class Publication:
    """Answers to the rules' questions about what is published, for one configuration."""

    def __init__(
        self, settings: Configuration, structures: Structures, showcases: Showcases, tasks: Tasks, outputs: Outputs
    ):
        self._settings, self._outputs = settings, outputs
        self._structures, self._showcases, self._tasks = structures, showcases, tasks

    def tables(self) -> list[str]:
        """Tables to keep with the code: those that figures are drawn from, and their summaries."""
        return [paths.ALL_SCORES, *self._outputs.coverage(), *self._outputs.tables()]

    def files(self) -> list[str]:
        """Where publishing puts these tables."""
        return [self.file(Path(table).name) for table in self.tables()]

    def file(self, name: str) -> str:
        """A file of the published folder."""
        return str(Path(self._settings.published) / name)

    def configuration(self) -> dict:
        """The configuration with lists read and without the places of this machine."""
        content = self._settings.model_dump(mode="json") | {"redraw": None}
        content["structures"] |= {"entries": self._structures.entries, "mirrors": []}
        for data in content["datasets"].values():
            data["archive"] = data["archive"] if data["archive"] == STANDIN else None
        # figures of showcases need models, which are not published; those of other structures belong to other runs
        spelled = zip(self._settings.showcases, self._showcases.columns, strict=True)
        there = self._structures.entries
        content["showcases"] = {name: content["showcases"][name] for name, entry in spelled if entry in there}
        for name, task in content["tasks"].items():
            if task["entries"] is not None:
                task["entries"] = self._tasks.structures_of(name)
        return content
