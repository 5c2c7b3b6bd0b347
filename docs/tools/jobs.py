"""How many jobs `snakemake all` plans: counted by a dry run of config/config.yaml."""

import os
import re
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import markdown

ROOT = Path(__file__).parents[2]


def table(part: str) -> str:
    """Jobs of every rule that has more than one."""
    counts = planned(ROOT / "config" / part)
    many = sorted((rule for rule in counts if rule != "total" and counts[rule] > 1), key=counts.get, reverse=True)
    rows = [[f"`{rule}`", f"{counts[rule]:,}"] for rule in many]
    return markdown.table(["rule", "jobs"], [*rows, ["**all rules**", f"**{counts['total']:,}**"]])


@cache
def planned(config: Path) -> dict[str, int]:
    """Jobs by rule, from an empty folder, and their total."""
    with tempfile.TemporaryDirectory() as folder:
        return _counted(folder, config)


def _counted(folder: str, config: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "snakemake", "all", "--dry-run", "--quiet", "rules", "--nocolor", "--cores", "1"]
    places = ["--snakefile", str(ROOT / "Snakefile"), "--directory", folder, "--configfile", str(config)]
    profile = ["--workflow-profile", str(ROOT / "profiles/default")]
    environment = {key: value for key, value in os.environ.items() if key not in ("PDB_DIR", "PYTHONPATH")}
    done = subprocess.run(
        command + places + profile, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the dry run failed:\n{done.stdout}{done.stderr}")
    counts = re.findall(r"^([a-z0-9_]+) +(\d+)$", done.stdout, flags=re.MULTILINE)
    return {rule: int(number) for rule, number in counts}
