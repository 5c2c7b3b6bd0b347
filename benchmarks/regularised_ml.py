"""Tuning of the regularised maximum likelihood, on clouds of validation clusters of the training list.

    PDB_DIR=... python benchmarks/regularised_ml.py clouds --folder clouds 1a4l 4oip 4zxb 5fp2
    python benchmarks/regularised_ml.py spacing clouds/*.npz
    python benchmarks/regularised_ml.py tune clouds/*.npz --weights 0 0.3 1 --steps 79 --rates 0.03 0.1 --annealed

An entry that is tested, or that a prior was trained on, is refused.
"""

import argparse
import csv
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.kinds import KINDS
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.training_set import is_held_out
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.scoring.scores import score
from pointprior.structures.archive import fetch, mirrors_from
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture, to_cloud
from pointprior.structures.recipes import MixtureFit

LIST = Path(__file__).parents[1] / "config/lists/train.tsv"
TASKS = {"p3x1024": {"projections": 3}, "p1x300_lr40": {"projections": 1, "points": 300, "low_resolution": 40}}


def check_validation(entries: list[str]) -> None:
    """Refuse entries that are not of validation clusters."""
    lines = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    clusters = {row["entry"]: row["cluster"] for row in csv.DictReader(lines, delimiter="\t")}
    for entry in entries:
        if entry not in clusters or not is_held_out(clusters[entry], 20):
            raise SystemExit(f"{entry} is in no validation cluster of {LIST.name}: nothing may be tuned on it")


def make_clouds(entries: list[str], folder: Path, components: int) -> None:
    """Coarse-grain entries from the mirrors of PDB_DIR (or the archive)."""
    folder.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        with TemporaryDirectory() as place:
            deposit = Path(place) / f"{entry}.cif.gz"
            fetch(entry, deposit, mirrors=mirrors_from([]), download=True)
            atoms = read_atoms(deposit)
        mixture = fit_mixture(atoms.xyz, components=components, seed=0, name=entry, fit=MixtureFit(engine="neighbours"))
        to_cloud(mixture, atoms.chain).save(folder / f"{entry}.npz")


def report_spacing(paths: list[Path]) -> None:
    """True spacing over the estimate that a measurement of each kind gives with a share of 1."""
    tasks = {"projection": {"projections": 1}, "low_resolution": {"low_resolution": 40}}
    print("| entry | spacing (Å) | " + " | ".join(tasks) + " |\n|---|---|---|---|")
    shares = []
    for path in paths:
        cloud, row = PointCloud.load(path), []
        for kind, measured in tasks.items():
            drawn = [synthesise(cloud, key=("spacing", path.stem, k), **measured) for k in range(6)]
            estimate = np.mean([np.log(o.cloud_spacing() / KINDS[kind].spacing_ratio) for o in drawn])
            row.append(cloud.spacing() / cloud.scale / np.exp(estimate))
        shares.append(row)
        print(f"| {path.stem} | {cloud.spacing():.2f} | {' | '.join(f'{share:.2f}' for share in row)} |", flush=True)
    print(f"| median | | {' | '.join(f'{share:.2f}' for share in np.median(shares, axis=0))} |")


def tune(
    paths: list[Path], weights: list[float], steps: list[int], rates: list[float], tasks: list[str], annealed: bool
) -> None:
    """Mean scores over clouds for every setting."""
    print("| task | steps | rate | λ | RMSD_cg (Å) | CD (10⁻²) | EMD (10⁻²) | E (10⁻³) | RMSD of each |")
    print("|---|---|---|---|---|---|---|---|---|")
    for task, number, rate, weight in product(tasks, steps, rates, weights):
        rows = []
        for path in paths:
            cloud, key = PointCloud.load(path), ("regularised_ml", path.stem, task)
            observations = synthesise(cloud, key=key, **TASKS[task])
            found = maximise_likelihood(
                Energy(observations),
                key=key,
                samples=1,
                points=len(cloud.points),
                steps=number,
                learning_rate=rate,
                annealed=annealed,
                regulariser=PairDistances(observations.cloud_spacing()) if weight else None,
                weight=weight,
            )
            table = score(found.points, cloud)
            means = table[["rmsd_cg", "chamfer", "emd"]].mean()
            rows.append((means["rmsd_cg"], 100 * means["chamfer"], 100 * means["emd"], 1e3 * found.energy.mean()))
        cells = " | ".join(f"{value:.2f}" for value in np.mean(rows, axis=0))
        each = ", ".join(f"{row[0]:.1f}" for row in rows)
        print(f"| {task} | {number} | {rate:g} | {weight:g} | {cells} | {each} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = parser.add_subparsers(dest="part", required=True)
    part = parts.add_parser("clouds")
    part.add_argument("entries", nargs="+")
    part.add_argument("--folder", type=Path, required=True)
    part.add_argument("--components", type=int, default=1024, help="points of a cloud")
    part = parts.add_parser("spacing")
    part.add_argument("clouds", type=Path, nargs="+")
    part = parts.add_parser("tune")
    part.add_argument("clouds", type=Path, nargs="+")
    part.add_argument("--weights", type=float, nargs="+", default=[0, 0.1, 0.3, 1, 3])
    part.add_argument("--steps", type=int, nargs="+", default=[79])
    part.add_argument("--rates", type=float, nargs="+", default=[0.01])
    part.add_argument("--annealed", action="store_true", help="let the learning rate fall to zero")
    part.add_argument("--tasks", choices=TASKS, nargs="+", default=list(TASKS))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    named = arguments.entries if arguments.part == "clouds" else [path.stem for path in arguments.clouds]
    check_validation(named)
    if arguments.part == "clouds":
        make_clouds(named, arguments.folder, arguments.components)
    elif arguments.part == "spacing":
        report_spacing(arguments.clouds)
    else:
        tune(arguments.clouds, arguments.weights, arguments.steps, arguments.rates, arguments.tasks, arguments.annealed)


if __name__ == "__main__":
    main()
