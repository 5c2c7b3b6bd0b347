"""What the rules ask of specimens of one's own: files that go in, files that come out."""

import re
from dataclasses import asdict
from functools import cache
from typing import Any

from benchmark import paths
from benchmark.config import Configuration
from benchmark.errors import WorkflowError
from benchmark.plan.lists import Lists
from benchmark.plan.priors import Priors
from pointprior.measurements.own_files import PATHS, OwnFiles, relocated
from pointprior.methods import METHODS
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.runtime.files import matching


class Own:
    """Answers to the rules' questions about the section `own` of one configuration."""

    def __init__(self, settings: Configuration, lists: Lists, priors: Priors):
        self._settings, self._lists, self._priors = settings, lists, priors

    @property
    def names(self) -> str:
        """Regular expression of the specimens; one that fits nothing if there are none."""
        return "|".join(map(re.escape, self._settings.own)) or "(?!)"

    def files(self, wildcards) -> OwnFiles:
        """A specimen's files, where they are."""
        return relocated(self._settings.own[wildcards.name].settings(OwnFiles), self._lists.found)

    def inputs(self, wildcards) -> list[str]:
        """The files themselves; an error that names the key of one that is missing."""
        files = self.files(wildcards)
        named = {key: getattr(files, key) for key in PATHS if getattr(files, key) is not None}
        found = {key: [file for file in matching(path) if file.is_file()] for key, path in named.items()}
        for key, path in named.items():
            if not found[key]:
                raise WorkflowError(f"own.{wildcards.name}.{key}: there is no file '{path}'")
        return [*(str(file) for files in found.values() for file in files), *self._stacks(wildcards.name, files)]

    def _stacks(self, name: str, files: OwnFiles) -> list[str]:
        """Stacks that the images' file names in the rows that are chosen."""
        if files.images is None or files.stack is not None:
            return []
        from pointprior.images.errors import ImageError  # gemmi, only for those who have images

        try:
            return _named_stacks(files.images, files.select)
        except (ImageError, FileNotFoundError) as problem:
            raise WorkflowError(f"own.{name}.images: {problem}") from None

    def reading(self, wildcards) -> dict[str, Any]:
        """What decides the measurements besides the files."""
        return asdict(self.files(wildcards)) | {"seed": self._settings.seed}

    def reconstruction(self, wildcards) -> dict[str, Any]:
        """What decides the models besides the measurements and a method's own settings."""
        return asdict(self._settings.own[wildcards.name].settings(OwnReconstruction))

    def methods(self, wildcards) -> list[str]:
        """Methods that run on a specimen: those asked for, and those that they begin from."""
        asked = self._settings.own[wildcards.name].methods
        starts = [getattr(getattr(self._settings, method), "initial", None) for method in asked]
        return list(dict.fromkeys([*asked, *filter(None, starts)]))

    def models(self, wildcards) -> list[str]:
        """Models by all of them."""
        return [paths.OWN_MODELS.format(name=wildcards.name, method=method) for method in self.methods(wildcards)]

    def initial(self, method: str) -> list[str]:
        """Models of another method that a method begins from; nothing if its settings name none."""
        start = getattr(getattr(self._settings, method), "initial", None)
        return [] if start is None else [paths.OWN_MODELS.replace("{method}", start)]

    def unconditional(self, wildcards) -> list[str]:
        """Samples of the prior alone, if a method uses it."""
        if not any(METHODS[method].needs_prior for method in self.methods(wildcards)):
            return []
        points = self.files(wildcards).points
        return [paths.UNCONDITIONAL_SAMPLES.format(prior=self._settings.prior, points=points)]

    def learnt(self, wildcards) -> list[str]:
        """Clouds that the prior was trained on, if a method uses it and they are at hand."""
        return self._priors.clouds_at_hand(self._settings.prior) if self.unconditional(wildcards) else []

    def prior_name(self, wildcards) -> str | None:
        """What the page calls the prior; None if no method uses one."""
        return self._settings.prior if self.unconditional(wildcards) else None

    def targets(self, wildcards) -> list[str]:
        """Pages, models, maps and views of all specimens; an error if there are none."""
        if not self._settings.own:
            raise WorkflowError("`own` needs a section `own` in the configuration: docs/own-data.md has an example")
        files = []
        for name, own in self._settings.own.items():
            files.append(paths.OWN_PAGE.format(name=name))
            files += [path.format(name=name, method=method) for method in own.methods for path in paths.OWN_OUTPUTS]
            if own.homologue is not None:
                files.append(paths.OWN_HOMOLOGUE.format(name=name))
        return files


@cache  # rules ask for every file
def _named_stacks(images: str, select: str) -> list[str]:
    """Stacks that a STAR or .cs file names; none of images alone."""
    from pointprior.images.reading import find_stack, read_poses
    from pointprior.images.selection import chosen_rows

    table = read_poses(images)
    if table is None:
        return []
    chosen = table.chosen(chosen_rows(select, table.rotations, len(table), table.path))
    return [str(find_stack(stack, table.path)) for stack in dict.fromkeys(chosen.stacks)]
