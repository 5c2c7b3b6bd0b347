"""Write the page that sets the paper's numbers beside those of this run; for git, with its sources."""

import json
from pathlib import Path

from joblog import logged

from pointprior.output.publication import publish
from pointprior.output.reproduction.copies import keep
from pointprior.output.reproduction.differences import Sampler, Source, Unconditional
from pointprior.output.reproduction.page import write_page
from pointprior.output.reproduction.results import Invocation, Results
from pointprior.runtime.tables import read_tables
from pointprior.scoring.paper_tables import time_steps
from pointprior.structures.atoms import Atoms


def published():
    """Copies that git keeps, by what they are copies of; none of a page that stays among the results."""
    files, params = snakemake.input, snakemake.params
    if snakemake.output.get("provenance") is None:
        return {}
    copies = dict(zip(params.facts["kept"], snakemake.output.copies, strict=True))
    for picture in files.figures:
        keep(picture, copies[picture])
    folders = [Path(weights).parent for weights in files.weights]
    publish(
        Path(snakemake.output.provenance).parent,
        tables=[Path(path) for path in copies if path not in files.figures],
        priors=dict(zip((source["prior"] for source in params.facts["sources"].values()), folders, strict=True)),
        configuration=params.configuration,
        code=params.codes,
    )
    return copies


def table(name):
    """A table of the input, or its copy, if this run has it."""
    paths = snakemake.input.get(name, [])
    paths = [paths] if isinstance(paths, str) else paths
    return read_tables(copies.get(path, path) for path in paths) if paths else None


def sources(configured):
    """What the numbers of each kind rest on: facts of the configuration, and those on the priors' cards."""
    found = {}
    for kind, path in zip(configured, snakemake.input.cards, strict=True):
        card = json.loads(Path(path).read_text(encoding="utf-8"))
        data = card.get("data", {})
        size = {"parameters": card.get("parameters"), "training_clouds": data.get("entries", data.get("objects"))}
        found[kind] = Source(**configured[kind], **size)
    return found


with logged(snakemake.log[0]):
    copies, facts = published(), snakemake.params.facts
    steps, showcases = table("time_steps"), table("showcases")
    results = Results(
        sources=sources(facts["sources"]),
        invocation=Invocation(**vars(snakemake.params.invocation)),
        samplers={title: Sampler(**chosen) for title, chosen in facts["samplers"].items()},
        unconditional=Unconditional(**facts["unconditional"]),
        experiments=facts["experiments"],
        table1=table("table1"),
        table2=table("table2"),
        table3=table("table3"),
        showcases=None if showcases is None else showcases.query("method == 'dps'"),
        atoms={Path(path).parent.name: len(Atoms.load(path)) for path in snakemake.input.get("atoms", [])},
        summary=table("summary"),
        time_steps=None if steps is None else time_steps(steps),
        figures=dict(zip(facts["figures"], (Path(copies.get(p, p)) for p in snakemake.input.figures), strict=True)),
    )
    for path in snakemake.output.pages:
        write_page(path, results)
