"""The showcases: what is measured of one structure only, and the columns of Fig. 2."""

from functools import cached_property

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.measurements import Showcase
from benchmark.config.paper import PAPER_SHOWCASES
from benchmark.plan.checks import check_showcased
from benchmark.plan.lists import Lists
from benchmark.plan.structures import Structures
from pointprior import methods

SHOWCASE = "showcase"  # the task of every showcase: its results lie in results/{structure}/showcase


class Showcases:
    """Answers to the rules' questions about showcases, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists, structures: Structures):
        self._settings, self._lists, self._structures = settings, lists, structures

    @cached_property
    def all(self) -> dict[str, Showcase]:
        """Showcases by their structure's id: the configured ones, and the paper's own of other structures.

        Those of more points than clouds have are left out: only the paper's own, for others are refused.
        """
        named = PAPER_SHOWCASES | dict(zip(self.columns, self._settings.showcases.values(), strict=True))
        return {
            entry: case for entry, case in named.items() if not case.too_many(self._settings.coarse_grain.components)
        }

    @cached_property
    def columns(self) -> list[str]:
        """Structures of the configured showcases."""
        return [entry for entry, _ in self._lists.read(list(self._settings.showcases), "showcases")]

    @property
    def entries(self) -> list[str]:
        """Configured structures that are columns of Fig. 2, in its order."""
        there = self._structures.entries
        return [entry for entry in dict.fromkeys(self.columns) if entry in there and entry in self.all]

    def titles(self) -> list[str]:
        """Headings of Fig. 2."""
        names = {entry: self.all[entry].name for entry in self.entries}
        return [f"{name} ({entry})" if name else entry for entry, name in names.items()]

    @property
    def compared(self) -> list[str]:
        """Methods whose scores stand under a drawn reconstruction: DPS, and its rivals if they are run."""
        rivals = [name for name in methods.names("sampler", "baseline") if name != "dps"]
        return ["dps", *(name for name in rivals if name in self._settings.methods)]

    def files(self, template: str, **wildcards: str) -> list[str]:
        """A file of every showcase; of every compared method, if its template leaves the method open."""
        open_method = "{method}" in template and "method" not in wildcards
        return [
            template.format(structure=entry, task=SHOWCASE, **{"method": method} | wildcards)
            for entry in self.entries
            for method in (self.compared if open_method else [""])
        ]

    def paper_atoms(self) -> list[str]:
        """Atoms of the paper's own showcases, whatever is configured: a check of the reader."""
        return [paths.ATOMS.format(structure=entry) for entry in PAPER_SHOWCASES]

    def atoms(self, wildcards) -> list[str]:
        """Atoms of the showcases that have any; an error if there is no showcase."""
        check_showcased(self.entries)
        return [paths.ATOMS.format(structure=e) for e in self.entries if e not in self._structures.bundled]
