"""Is the spread of samples right where the truth is a draw from the prior itself, and the likelihood is the data's own?

    python benchmarks/simulated_calibration.py clouds/{3gl1,19hc,4rfx,2bwx}.npz --samples 10 --table calibration.csv

Simulation-based calibration (Talts et al. 2018, arXiv:1804.06788): a sampler of the posterior is calibrated over truths
from its prior, whatever the prior is. So what is wrong with truths that the prior drew is the sampler's own error; what
is worse with structures is the prior's, which holds them for unlikely. Every cloud lends its scale and its mixture's
covariance (per spacing²) to one draw. The task is three realistic projections, as configured ("all") or with some of
the errors only: noise, which methods are told; missing and false points, and wrong directions, which they are not.

"left out" is the same of samples in place of the truth, each against the others: what is above 1 there is the
measure's, for points have no names and are matched. One line per kind of truth, errors, and method: means over truths.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from plug_and_play_settings import CONFIGURATION, MEASURED, parsed

from pointprior.clouds import PointCloud, median_spacing
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.reconstruction.batches import loaded
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.schedule import Schedule
from pointprior.scoring.calibration import assess_calibration

TASK = "realistic_3x1024"
POINTS, DIRECTIONS = {"missing": 0, "spurious": 0}, {"pose_error": 0}  # errors that methods are not told: none of these
ERRORS = {"noise": POINTS | DIRECTIONS, "noise, points": DIRECTIONS, "noise, directions": POINTS, "all": {}}
STEPS, LEVEL = 40, 0.9
SHOWN = ["spread", "error"] + [
    f"{of}{what}" for what in ("error_to_spread", "coverage_90") for of in ("", "left out: ")
]


def drawn_like(cloud: PointCloud, name: str, prior: Path) -> PointCloud:
    """A draw from the prior, with the scale of a cloud and its covariance per spacing²."""
    denoiser = loaded(prior, Execution())
    how = {"key": (0, name, "prior draw"), "samples": 1, "points": len(cloud.points)}
    (points,) = sample(denoiser, None, Schedule(100), **how).points
    covariance = cloud.covariance * (median_spacing(points) * cloud.scale / cloud.spacing()) ** 2
    return replace(
        PointCloud.from_coordinates(points.astype(np.float64) * cloud.scale, covariance=covariance), center=np.zeros(3)
    )


def measures(points: np.ndarray, truth: PointCloud) -> dict[str, float]:
    """Spread, error, its ratio to what the spread predicts, and the coverage of balls that should hold 90 %."""
    table = assess_calibration(points, truth)
    covered = 100 * table.loc[table["level"] == LEVEL, "coverage"].item()
    return table.iloc[0][["spread", "error", "error_to_spread"]].to_dict() | {"coverage_90": covered}


def left_out(points: np.ndarray, truth: PointCloud) -> dict[str, float]:
    """The same of every sample in place of the truth, against the others; means."""
    cases = [
        measures(np.delete(points, s, axis=0), replace(truth, points=points[s].astype(np.float32)))
        for s in range(len(points))
    ]
    return pd.DataFrame(cases).mean().add_prefix("left out: ").to_dict()


def rows_of(truth: PointCloud, named: dict[str, str], arguments) -> list[dict]:
    """Calibration of every method on the measurements of one truth."""
    said = yaml.safe_load(CONFIGURATION.read_text())["tasks"][TASK] | ERRORS[named["errors"]]
    measured = {name: value for name, value in said.items() if name in MEASURED}
    place = (0, named["cloud"], named["truth"])
    energy = Energy(synthesise(truth, key=place, **measured), likelihood=arguments.likelihood)
    rows, found = [], {}
    for method in arguments.methods:
        name, _, given = method.partition(":")
        module = METHODS[name].load()
        settings = module.Settings(**parsed(given))
        problem = Problem(
            energy,
            key=(*place, name),
            samples=arguments.samples,
            alpha=said["alpha"],
            beta="1/t",
            steps=STEPS,
            nfe=Schedule(STEPS).nfe,
            prior=arguments.prior,
            initial=found.get(getattr(settings, "initial", None)),
        )
        found[method] = module.reconstruct(problem, settings)
        points = found[method].points
        row = named | {"method": method} | measures(points, truth) | left_out(points, truth)
        rows.append(row)
        print(*(f"{value:.2f}" if isinstance(value, float) else value for value in row.values()), flush=True)
    return rows


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--methods", nargs="+", default=["ml_regularised", "pnp"], help="name or name:setting=value,…")
    parser.add_argument("--errors", nargs="+", choices=ERRORS, default=["noise", "all"])
    parser.add_argument("--truths", nargs="+", choices=("prior", "structure"), default=["prior", "structure"])
    parser.add_argument("--pairing", default="entropic")
    parser.add_argument("--outliers", type=float, default=0.0, help="share of false points that it leaves unmatched")
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--table", type=Path, default=Path("calibration.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.likelihood = Likelihood(pairing=arguments.pairing, outliers=arguments.outliers)
    rows: list[dict] = []
    for path in arguments.clouds:
        cloud = PointCloud.load(path)
        for kind in arguments.truths:
            truth = drawn_like(cloud, path.stem, arguments.prior) if kind == "prior" else cloud
            for errors in arguments.errors:
                rows += rows_of(truth, {"cloud": path.stem, "truth": kind, "errors": errors}, arguments)
                pd.DataFrame(rows).to_csv(arguments.table, index=False)
    means = pd.DataFrame(rows).groupby(["truth", "errors", "method"], sort=False)[SHOWN].mean()
    print(means.round(2).reset_index().to_markdown(index=False))


if __name__ == "__main__":
    main()
