"""Where scripts find this repository's code."""

import os
import sys
from pathlib import Path


def search_first(*folders: Path) -> None:
    """Let this process and all that it starts look for modules in these folders before anywhere else.

    Snakemake gives its scripts the search path of the rules only after that of their environment, which may hold the
    package of another checkout, or, made by conda or a container, none.
    """
    ours = [str(folder) for folder in folders]
    inherited = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place and place not in ours]
    os.environ["PYTHONPATH"] = os.pathsep.join([*ours, *inherited])
    sys.path[:0] = [place for place in ours if place not in sys.path]
