"""What was computed, and what the page says of one table or figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pointprior.output.reproduction.differences import Sampler, Source, Unconditional


@dataclass(frozen=True)
class Invocation:
    """How a run was configured, as far as it was not by default.

    Attributes
    ----------
    files : tuple of str
        Given as `--configfile`.
    keys : tuple of str
        Given as `--config`.
    """

    files: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __str__(self):
        """A sentence for the top of the page; empty if the configuration is the default."""
        files = f"`--configfile {' '.join(self.files)}`" if self.files else ""
        keys = f"`--config` with {', '.join(f'`{key}`' for key in self.keys)}" if self.keys else ""
        given = " and ".join(filter(None, (files, keys)))
        return f"These numbers are of {given}, which the commands below take, too." if given else ""


@dataclass(frozen=True)
class Results:
    """What was computed; None or an empty mapping where it was not.

    Attributes
    ----------
    sources : mapping of str to Source
        Data and prior of each kind ("Chair", "Mixed", "CryoStruct").
    invocation : Invocation
        How the run was configured.
    samplers : mapping of str to Sampler
        How DPS sampled for an item, by its title.
    unconditional : Unconditional or None
        How priors were sampled without measurements.
    experiments : sequence of dict
        What is measured and how it guides, as `printed.table4` takes it.
    table1, table2 : DataFrame
        As `scoring.paper_tables` makes them.
    table3 : DataFrame
        Rows of `priors.sample_quality.compare_with_held_out` with the column prior.
    showcases : DataFrame
        Score rows of Fig. 2's structures: structure, method, rmsd_atomic, rmsd_cg (in Å).
    atoms : mapping of str to int
        Heavy atoms that were read, by structure.
    summary : DataFrame
        Of the molecules' tasks, as `scoring.summary.summarise` makes it.
    time_steps : DataFrame
        Score rows with the columns experiment, structure, steps, chamfer, emd.
    figures : mapping of str to Path
        PNGs by title ("Figure 1") or section ("A.4.1").
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    invocation: Invocation = Invocation()
    samplers: Mapping[str, Sampler] = field(default_factory=dict)
    unconditional: Unconditional | None = None
    experiments: Sequence[dict[str, Any]] = ()
    table1: pd.DataFrame | None = None
    table2: pd.DataFrame | None = None
    table3: pd.DataFrame | None = None
    showcases: pd.DataFrame | None = None
    atoms: Mapping[str, int] = field(default_factory=dict)
    summary: pd.DataFrame | None = None
    time_steps: pd.DataFrame | None = None
    figures: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One table or figure of the paper.

    Attributes
    ----------
    title, subject, command : str
        What the paper calls it, what it shows, and what makes it here.
    head : list of str
        Names of columns.
    rows : list of list of str
        Cells.
    figures : dict of str to Path
        Pictures by caption.
    notes : list of str
        Why numbers differ, and what cannot be compared.
    findings : list of str
        Which of the paper's findings the computed numbers show.
    done : bool
        Whether anything was computed that the paper has.
    needs : str
        What its command reads that is not at hand everywhere.
    """

    title: str
    subject: str
    command: str
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    figures: dict[str, Path] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    done: bool = False
    needs: str = ""

    @property
    def state(self) -> str:
        """What became of it, in a word or two."""
        if self.done:
            return "computed"
        return "of other structures only" if self.figures else "missing"

    @property
    def remedy(self) -> str:
        """What makes what this run does not have."""
        source = f" from {self.needs}" if self.needs else ""
        return f"not in this run; with the default configuration (`config/config.yaml`), the command makes it{source}"
