"""Seconds per sample of this version and of an earlier one, in turn: each by its own workflow, with its bundled prior.

    python benchmarks/since.py 1498783 --cores 1 --repeat 3

DPS, three projections of 1,024 points, 40 steps, on a structure of the demo; the seconds are those that the workflow
takes down. Each version first runs once untimed, so that its kernels are compiled. The earlier one is checked out in a
temporary folder; it must know the demo's configuration and run in this environment.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).parents[1]
TASK = "p3x1024"
ASKED = {
    "tasks": {TASK: {"projections": 3, "points": 1024, "alpha": 40000}},
    "dps": {"steps": 40},
    "samples": 2,
    "execution": {"device": "cpu"},
}


def seconds_per_sample(version: Path, folder: Path, structure: str, cores: int) -> float:
    """What DPS of a version takes, run anew."""
    folder.mkdir(exist_ok=True)
    (folder / "asked.yaml").write_text(yaml.safe_dump(ASKED))
    target = f"results/{structure}/{TASK}/dps.npz"
    command = [sys.executable, "-m", "snakemake", target, "--force", "--quiet", "all", "--cores", str(cores)]
    places = ["--snakefile", str(version / "Snakefile"), "--directory", str(folder)]
    profile = ["--workflow-profile", str(version / "profiles/default")]
    settings = ["--configfile", str(version / "config/demo.yaml"), str(folder / "asked.yaml")]
    environment = os.environ | {"PYTHONPATH": str(version / "src")}
    done = subprocess.run(command + places + profile + settings, cwd=version, env=environment, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{version}: {done.stderr.decode()[-2000:]}")
    with np.load(folder / target) as stored:
        return float(stored["seconds"])


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier version")
    parser.add_argument("--structure", default="3j9i")
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        places = {"earlier": Path(temporary) / "earlier", "now": ROOT}
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", str(places["earlier"]), arguments.commit], check=True)
        try:
            taken: dict[str, list[float]] = {name: [] for name in places}
            for turn in range(arguments.repeat + 1):
                for name, version in places.items():
                    run = Path(temporary) / f"run_{name}"
                    seconds = seconds_per_sample(version, run, arguments.structure, arguments.cores)
                    if turn:
                        taken[name].append(seconds)
                        print(f"{name}: {seconds:.1f} s per sample", flush=True)
        finally:
            subprocess.run([*git, "remove", "--force", str(places["earlier"])], check=True)
    least = {name: min(each) for name, each in taken.items()}
    print(f"least: {least['earlier']:.1f} → {least['now']:.1f} s per sample, {least['earlier'] / least['now']:.1f}×")


if __name__ == "__main__":
    main()
