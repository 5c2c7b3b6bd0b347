"""Write the page that sets the paper's numbers beside those of this run, as Markdown and as HTML."""

import json
from pathlib import Path

import pandas as pd
from joblog import logged

from pointprior.output.reproduction import Results, Source, write_page
from pointprior.scoring.paper_tables import time_steps
from pointprior.structures.atoms import Atoms


def table(name):
    """A table of the input, if this run has it."""
    paths = snakemake.input.get(name, [])
    paths = [paths] if isinstance(paths, str) else paths
    return pd.concat(map(pd.read_csv, paths), ignore_index=True) if paths else None


def sources(facts):
    """What the numbers of each kind rest on: facts of the configuration, and those on the priors' cards."""
    found = {}
    for kind, path in zip(facts, snakemake.input.cards, strict=True):
        card = json.loads(Path(path).read_text(encoding="utf-8"))
        size = {"parameters": card.get("parameters"), "training_clouds": card.get("data", {}).get("entries")}
        found[kind] = Source(**facts[kind], **size)
    return found


with logged(snakemake.log[0]):
    params, steps = snakemake.params, table("time_steps")
    results = Results(
        sources=sources(params.sources),
        experiments=params.experiments,
        table1=table("table1"),
        table2=table("table2"),
        table3=table("table3"),
        showcases=table("showcases"),
        atoms={Path(path).parent.name: len(Atoms.load(path)) for path in snakemake.input.get("atoms", [])},
        summary=table("summary"),
        time_steps=None if steps is None else time_steps(steps),
        figures={title: Path(path) for title, path in zip(params.figures, snakemake.input.figures, strict=True)},
    )
    for path in snakemake.output:
        write_page(path, results)
