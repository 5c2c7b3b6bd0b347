"""Which structures there are, and what of them is at hand."""

from functools import cached_property
from pathlib import Path

from benchmark import paths
from benchmark.config import Configuration
from benchmark.errors import WorkflowError
from benchmark.plan.lists import Lists
from pointprior.structures import archive


class Structures:
    """Answers to the rules' questions about structures, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists):
        self._settings, self._lists = settings.structures, lists

    @cached_property
    def entries(self) -> list[str]:
        """All structures to reconstruct, lower case, each once."""
        listed = self._lists.read(self._settings.entries, "structures.entries")
        return list(dict.fromkeys(entry for entry, _ in listed))

    @cached_property
    def mirrors(self) -> list[str]:
        """Local copies of the PDB: the configuration's, then those of PDB_DIR."""
        return archive.mirrors_from([self._lists.found(mirror) for mirror in self._settings.mirrors])

    @cached_property
    def bundled(self) -> frozenset[str]:
        """Structures whose bundled cloud is used: no deposit of theirs is at hand."""
        if self._settings.bundled is None:
            return frozenset()
        folder = self._lists.found(self._settings.bundled)
        if not folder.is_dir():
            raise WorkflowError(f"structures.bundled: there is no folder '{self._settings.bundled}'")
        names = (path.stem for path in folder.glob("*.npz"))
        return frozenset(name for name in names if not self._at_hand(name))

    @property
    def bundled_names(self) -> str:
        """Regular expression of these structures; one that fits nothing if there are none."""
        return "|".join(sorted(self.bundled)) or "(?!)"

    def _at_hand(self, entry: str) -> bool:
        fetched = Path(paths.DEPOSIT.format(structure=entry))
        return fetched.exists() or archive.locate(entry, self.mirrors) is not None

    def bundled_cloud(self, wildcards) -> Path:
        """The cloud of a structure that is bundled."""
        return self._lists.found(self._settings.bundled) / f"{wildcards.structure}.npz"  # type: ignore[arg-type]

    def atoms(self, wildcards) -> str | list[str]:
        """The structure's atoms; nothing if it comes as a bundled cloud, or is a shape."""
        return [] if self._without_deposit(wildcards.structure) else paths.ATOMS.format(structure=wildcards.structure)

    def deposit(self, wildcards) -> str | list[str]:
        """The structure's deposit; nothing if it comes as a bundled cloud, or is a shape."""
        return [] if self._without_deposit(wildcards.structure) else paths.DEPOSIT.format(structure=wildcards.structure)

    def _without_deposit(self, structure: str) -> bool:
        return "/" in structure or structure in self.bundled
