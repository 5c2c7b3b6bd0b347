"""Write the page that sets the paper's numbers beside those of this run, with copies of what it shows if asked."""

import json
from pathlib import Path

from joblog import logged

from pointprior.output.reproduction.copies import keep
from pointprior.output.reproduction.differences import Source
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.results import Results
from pointprior.runtime.tables import read_tables
from pointprior.scoring.paper_tables import time_steps
from pointprior.structures.atoms import Atoms


def table(name):
    """A table of the input, if this run has it."""
    paths = snakemake.input.get(name, [])
    paths = [paths] if isinstance(paths, str) else paths
    return read_tables(paths) if paths else None


def sources(facts):
    """What the numbers of each kind rest on: facts of the configuration, and those on the priors' cards."""
    found = {}
    for kind, path in zip(facts, snakemake.input.cards, strict=True):
        card = json.loads(Path(path).read_text(encoding="utf-8"))
        data = card.get("data", {})
        size = {"parameters": card.get("parameters"), "training_clouds": data.get("entries", data.get("objects"))}
        found[kind] = Source(**facts[kind], **size)
    return found


def pictures():
    """Pictures that the page shows: this run's, or the copies that the rule keeps beside the page."""
    copies = dict(zip(snakemake.params.kept, snakemake.output.get("copies", []), strict=False))
    for original, copy in copies.items():
        keep(original, copy)
    return [Path(copies.get(path, path)) for path in snakemake.input.figures]


with logged(snakemake.log[0]):
    params, steps, showcases = snakemake.params, table("time_steps"), table("showcases")
    results = Results(
        sources=sources(params.sources),
        experiments=params.experiments,
        table1=table("table1"),
        table2=table("table2"),
        table3=table("table3"),
        showcases=None if showcases is None else showcases.query("method == 'dps'"),
        atoms={Path(path).parent.name: len(Atoms.load(path)) for path in snakemake.input.get("atoms", [])},
        summary=table("summary"),
        time_steps=None if steps is None else time_steps(steps),
        figures=dict(zip(params.figures, pictures(), strict=True)),
    )
    for path in snakemake.output.pages:
        write_page(path, results)
