"""What it takes to plan `all`: seconds and memory of dry runs with invented entries, from an empty folder.

python benchmarks/planning.py --entries 25 1000 --output docs/planning.csv
python benchmarks/planning.py --entries 10000 --job structure --output docs/planning.csv
python benchmarks/planning.py --entries 10000 --batch 100 --output docs/planning.csv

Lines are added to the output. A batch is the second of so many parts of all scores.
"""

import argparse
import csv
import itertools
import os
import re
import resource
import string
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
TRAINING = 6629  # structures of the paper's training set
COLUMNS = ("entries", "job", "batches", "jobs", "seconds", "gigabytes")


def invented(count: int) -> list[str]:
    """So many ids like those of the PDB."""
    letters = string.digits + string.ascii_lowercase
    ids = ("".join(id_) for id_ in itertools.product("123", letters, letters, letters))
    return list(itertools.islice(ids, count))


def furnish(folder: Path, entries: int, job: str) -> None:
    """The paper's seven tasks on so many structures, with a prior that is trained."""
    ids = invented(entries + TRAINING)
    (folder / "test.txt").write_text("\n".join(ids[:entries]))
    rows = "".join(f"{entry}\t{entry}\n" for entry in ids[entries:])
    (folder / "train.tsv").write_text(f"entry\tcluster\n{rows}")
    config = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    config["structures"]["entries"] = "test.txt"
    config["priors"]["cryostruct"]["training"]["entries"] = "train.tsv"
    config["execution"]["job"] = job
    config["tasks"] = {name: task for name, task in config["tasks"].items() if "noise" not in task}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def planned(folder: Path, batches: int | None) -> tuple[int, resource.struct_rusage]:
    """Jobs that a dry run plans, and what it took."""
    command = [sys.executable, "-m", "snakemake", *(["all"] if batches is None else ["results/tables/scores.csv"])]
    options = ["--dry-run", "--quiet", "rules", "--nocolor", "--cores", "1", "--configfile", "config.yaml"]
    places = ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    profile = ["--workflow-profile", str(ROOT / "profiles/default")]
    part = [] if batches is None else ["--batch", f"collect_scores=2/{batches}"]
    kept = {key: value for key, value in os.environ.items() if key != "PDB_DIR"}
    with (folder / "printed.txt").open("w+") as printed:
        process = subprocess.Popen(
            command + options + places + profile + part, cwd=folder, env=kept, stdout=printed, stderr=printed
        )
        _, status, used = os.wait4(process.pid, 0)
    text = (folder / "printed.txt").read_text()
    if status:
        raise RuntimeError(f"the dry run failed:\n{text}")
    return int(re.findall(r"^total +(\d+)$", text, re.MULTILINE)[-1]), used


def measured(entries: int, job: str, batches: int | None) -> dict:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        furnish(Path(folder), entries, job)
        jobs, used = planned(Path(folder), batches)
    values = (
        entries,
        job,
        batches or "",
        jobs,
        round(used.ru_utime + used.ru_stime, 1),
        round(used.ru_maxrss / 1e6, 2),
    )
    return dict(zip(COLUMNS, values, strict=True))


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, nargs="+", required=True)
    parser.add_argument("--job", choices=["task", "structure"], default="task")
    parser.add_argument("--batch", type=int, metavar="BATCHES")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    with arguments.output.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if not file.tell():
            writer.writeheader()
        for entries in sorted(arguments.entries):
            row = measured(entries, arguments.job, arguments.batch)
            print(row)
            writer.writerow(row)


if __name__ == "__main__":
    main()
