"""What planning costs (docs/planning.csv, by benchmarks/planning.py), and where each second of the demos goes.

python docs/tools/run_costs.py results/benchmarks before
python docs/tools/run_costs.py results/benchmarks now

takes the seconds of a demo that was run into docs/demo_seconds.csv, in place of those of the same name. They are of
the wall clock, two jobs at a time: the CPU seconds that snakemake notes end with its last look at a job.

python docs/tools/run_costs.py results/benchmarks paper

does the same for `make paper-demo`.
"""

import argparse
from pathlib import Path

import markdown
import pandas as pd

DOCS = Path(__file__).parents[1]
DEMO = DOCS / "demo_seconds.csv"
VERSIONS = ("before", "now")
SMALL = 14.0  # seconds; rules that take fewer share a row
PAPER = "paper"  # the version of `make paper-demo`


def table(part: str) -> str:
    """Planning (`planning`), the demo (`demo`), or that of the paper: its rules (`paper`), all of them (`wall`)."""
    return {"planning": _planning, "demo": _demo, "paper": _paper, "wall": _wall}[part]()


def _planning() -> str:
    rows = []
    for row in pd.read_csv(DOCS / "planning.csv").itertuples():
        asked = "`all`" if pd.isna(row.batches) else f"one of {row.batches:.0f} batches"
        rows.append([f"{row.entries:,}", f"`{row.job}`", asked, f"{row.jobs:,}", f"{row.seconds:.0f}", row.gigabytes])
    return markdown.table(["structures", "`execution.job`", "what", "jobs", "CPU seconds", "GB"], rows)


def _demo() -> str:
    """One row per rule, the longest first; its jobs and their seconds in both versions."""
    seconds = _versions(*VERSIONS).pivot_table(
        index="rule", columns="version", values=["jobs", "seconds"], fill_value=0
    )
    small = (seconds["seconds"] < SMALL).all(axis=1)
    shown = seconds[~small].sort_values([("seconds", version) for version in VERSIONS], ascending=False)
    rows = [_row(f"`{rule}`", seconds.loc[rule]) for rule in shown.index]
    rows += [_row("others", seconds[small].sum()), _row("**all**", seconds.sum())]
    return markdown.table(["rule", *(f"{what}, {v}" for v in VERSIONS for what in ("jobs", "seconds"))], rows)


def _versions(*names: str) -> pd.DataFrame:
    table = pd.read_csv(DEMO)
    return table[table["version"].isin(names)]


def _paper() -> str:
    """One row per rule that takes a minute or more, whatever the data set; its jobs and their seconds."""
    rules = _versions(PAPER).set_index("rule")[["jobs", "seconds"]]
    joined = rules.groupby(rules.index.str.replace(r"_shapenet_(?:chair|mixed)$", "", regex=True)).sum()
    long = joined[joined["seconds"] >= 60].sort_values("seconds", ascending=False)
    rest = joined.drop(long.index).sum().rename("others")
    rows = [(f"`{row.Index}`", row.jobs, row.seconds) for row in long.itertuples()]
    rows += [("others", rest["jobs"], rest["seconds"]), ("**all**", *joined.sum())]
    return markdown.table(["rule", "jobs", "seconds"], [[name, f"{j:.0f}", f"{s:,.0f}"] for name, j, s in rows])


def _wall() -> str:
    """How long two cores are busy."""
    seconds = _versions(PAPER)["seconds"].sum() / 2
    return f"Two CPU cores without matrix units, each with a job at a time, are busy for {seconds / 60:.0f} minutes."


def _row(name: str, values: pd.Series) -> list:
    cells = [f"{values[(what, version)]:.0f}" for version in VERSIONS for what in ("jobs", "seconds")]
    return [name, *(cell if cell != "0" else "–" for cell in cells)]


def collected(folder: Path, version: str) -> pd.DataFrame:
    """Jobs and seconds of every rule of a run, from what snakemake measured."""
    rows = []
    for place in sorted(folder.iterdir()):
        files = [place] if place.is_file() else sorted(place.rglob("*.tsv"))
        spent = pd.concat(pd.read_csv(file, sep="\t") for file in files)["s"]
        rule = place.stem.removesuffix("_all_tasks")
        rows.append((version, rule, len(files), round(float(spent.sum()), 1)))
    return pd.DataFrame(rows, columns=["version", "rule", "jobs", "seconds"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("version", choices=[*VERSIONS, PAPER])
    arguments = parser.parse_args()
    there = [pd.read_csv(DEMO)] if DEMO.exists() else []
    kept = [table[table["version"] != arguments.version] for table in there]
    pd.concat([*kept, collected(arguments.folder, arguments.version)]).to_csv(DEMO, index=False)


if __name__ == "__main__":
    main()
