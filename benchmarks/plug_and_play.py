"""Plug-and-play sampling, DPS and likelihoods on the same measurements: errors, and CPU seconds per sample.

python benchmarks/plug_and_play.py clouds/*.npz
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.plug_and_play import Settings, sample_plug_and_play
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.schedule import Schedule
from pointprior.scoring.metrics import chamfer, emd, rmsd_matched

TASKS = {
    "3 × 1024": {"projections": 3},
    "1 × 1024 + 40": {"projections": 1, "low_resolution": 40},
    "1 × 300 + 40": {"projections": 1, "points": 300, "low_resolution": 40},
}
ALPHA = {"3 × 1024": 40_000.0, "1 × 1024 + 40": 4_000.0, "1 × 300 + 40": 4_000.0}


def pnp(prior, observations, key, alpha, steps=20, zeta=0.3, t_max=0.2, start=True, relaxed=True):
    begun = ml(prior, observations, key, alpha, True, steps=79, learning_rate=0.3, annealed=True) if start else None
    return sample_plug_and_play(
        prior,
        Energy(observations),
        Settings(steps=steps, t_max=t_max, zeta=zeta),
        key=key,
        samples=1,
        points=1024,
        sigma_data=prior.spec.sigma_data,
        initial=begun and begun.points,
        regulariser=PairDistances(observations.cloud_spacing()) if relaxed else None,
    )


def dps(prior, observations, key, alpha, clip=None):
    return sample(prior, Energy(observations), Schedule(), Guidance(alpha, clip), key=key, samples=1, points=1024)


def limited_dps(prior, observations, key, alpha):
    return dps(prior, observations, key, alpha=300.0 if alpha == 4_000.0 else alpha, clip=5.0)


def ml(prior, observations, key, alpha, regularised=False, **settings):
    regulariser = {"regulariser": PairDistances(observations.cloud_spacing()), "weight": 0.3} if regularised else {}
    return maximise_likelihood(Energy(observations), key=key, samples=1, points=1024, **regulariser, **settings)


METHODS = {
    "`pnp` as configured": pnp,
    "without relaxing": lambda *given: pnp(*given, relaxed=False),
    "from noise": lambda *given: pnp(*given, start=False, t_max=1.0),
    "from noise, without relaxing": lambda *given: pnp(*given, start=False, t_max=1.0, relaxed=False),
    "`dps` as configured": limited_dps,
    "`dps`, 40 steps, as printed": dps,
    "`ml`, 100 steps": ml,
    "`ml`, 79 steps, rate 0.3 that anneals": lambda *given: ml(*given, steps=79, learning_rate=0.3, annealed=True),
    "`ml_regularised`, 79 steps": lambda *given: ml(*given, True, steps=79, learning_rate=0.3, annealed=True),
}


def errors(method, prior, cloud, name, task):
    """RMSD (Å), CD and EMD (10⁻²), and CPU seconds of one model."""
    observations = synthesise(cloud, key=(3, name, task), **TASKS[task])
    began = time.process_time()
    model = method(prior, observations, (0, name, task), ALPHA[task]).points[0]
    seconds = time.process_time() - began
    rmsd = rmsd_matched(cloud.points.astype(float), model.astype(float)) * cloud.scale
    return rmsd, 100 * chamfer(model, cloud.points), 100 * emd(model, cloud.points), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", nargs="+", type=Path, help="clouds of entries that are neither tested nor trained on")
    parser.add_argument("--prior", default="resources/priors/cryostruct-neighbours")
    args = parser.parse_args()
    torch.set_num_threads(1)
    prior = Denoiser.load(args.prior)
    clouds = {path.stem: PointCloud.load(path) for path in args.clouds}
    print("| | " + " | ".join(f"{task}: RMSD, CD, EMD, seconds" for task in TASKS) + " |\n" + "|---" * 3 + "|")
    for name, method in METHODS.items():
        cells = []
        for task in TASKS:
            mean = np.mean([errors(method, prior, cloud, entry, task) for entry, cloud in clouds.items()], axis=0)
            cells.append(", ".join(f"{value:.1f}" for value in mean))
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
