"""Seconds per sample of this version and of an earlier one, in turn: each by its own workflow, with its bundled prior.

    python benchmarks/since.py 1498783 --cores 1 --repeat 3

DPS, three projections of 1,024 points, 40 steps, on a structure of the demo; the seconds are those that the workflow
takes down. Each version first runs once untimed, so that its kernels are compiled. Both are checked out in a temporary
folder, as they are committed; the earlier one must know the demo's configuration and run in this environment.
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
}


def seconds_per_sample(checkout: Path, structure: str, cores: int) -> float:
    """What DPS of a version takes, run anew."""
    (checkout / "asked.yaml").write_text(yaml.safe_dump(ASKED))
    target = f"results/{structure}/{TASK}/dps.npz"
    command = [sys.executable, "-m", "snakemake", target, "--force", "--cores", str(cores)]
    settings = ["--configfile", "config/demo.yaml", "asked.yaml"]
    environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
    done = subprocess.run(command + settings, cwd=checkout, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{checkout}: {(done.stdout + done.stderr)[-2000:]}")
    with np.load(checkout / target) as stored:
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
        git, versions = ["git", "-C", str(ROOT), "worktree"], {"earlier": arguments.commit, "now": "HEAD"}
        places = {name: Path(temporary) / name for name in versions}
        taken: dict[str, list[float]] = {name: [] for name in versions}
        try:
            for name, place in places.items():
                subprocess.run([*git, "add", "--quiet", "--detach", str(place), versions[name]], check=True)
            for turn in range(arguments.repeat + 1):
                for name, place in places.items():
                    seconds = seconds_per_sample(place, arguments.structure, arguments.cores)
                    if turn:
                        taken[name].append(seconds)
                        print(f"{name}: {seconds:.1f} s per sample", flush=True)
        finally:
            for place in places.values():
                subprocess.run([*git, "remove", "--force", str(place)], check=False)
    least = {name: min(each) for name, each in taken.items()}
    print(f"least: {least['earlier']:.1f} → {least['now']:.1f} s per sample, {least['earlier'] / least['now']:.1f}×")


if __name__ == "__main__":
    main()
