"""Whether a reproduction page that is kept with the code follows from the tables kept beside it."""

import json
from dataclasses import replace
from pathlib import Path

from pointprior.output.reproduction.comparison import items
from pointprior.output.reproduction.differences import Source
from pointprior.output.reproduction.results import Results
from pointprior.runtime.tables import read_table
from pointprior.scoring.paper_tables import time_steps

TITLES = ("Table 1", "Table 2", "Table 3", "Table 4", "Figure 6", "Appendix A.4", "Run time")  # all of tables


def assert_follows(folder: Path, root: Path) -> None:
    """Fail if a row or a finding of the page in a folder is not what its tables say."""
    from benchmark.config import load
    from benchmark.plan import Plan

    plan = Plan(load(json.loads((folder / "config.json").read_text())), root)
    tables = {path.stem: read_table(path) for path in folder.glob("*.csv")}
    tables.pop("table4")  # of the configuration alone
    if "time_steps" in tables:
        tables["time_steps"] = time_steps(tables["time_steps"])
    sources = {kind: Source(**facts) for kind, facts in plan.reproduction.sources().items()}
    results = replace(Results(**tables), sources=sources, experiments=plan.paper.experiments())
    page = (folder / "README.md").read_text().splitlines()
    for item in items(results):
        if item.title in TITLES:
            assert item.done == (f"| {item.title} | `snakemake {item.command}` | computed |" in page)
            lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in item.rows]
            missing = [line for line in [*lines, *(f"* {finding}" for finding in item.findings)] if line not in page]
            assert not missing, f"{folder}: {item.title} of the page is not of its tables: {missing}"
