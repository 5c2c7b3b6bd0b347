"""How snakemake was called, as far as the results' page says it."""

from pathlib import Path
from types import SimpleNamespace

from snakemake.workflow import Workflow


def invocation(workflow: Workflow, root: Path) -> SimpleNamespace:
    """Configuration files and the keys of `--config`; none where the default configuration stands.

    Of a type that snakemake does not compare: the same results by another call leave a page as it is, and what it says
    of the call that wrote it stays true.
    """
    files = tuple(_short(Path(file), root) for file in workflow.overwrite_configfiles)
    return SimpleNamespace(files=files, keys=tuple(workflow.config_settings.config))


def _short(file: Path, root: Path) -> str:
    """A file by its path in the working directory or the repository; elsewhere, all of its path."""
    file = file.resolve()
    within = [place for place in (Path.cwd(), root) if file.is_relative_to(place.resolve())]
    return (file.relative_to(within[0].resolve()) if within else file).as_posix()
