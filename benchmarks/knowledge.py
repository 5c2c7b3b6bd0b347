"""What a prior would have to know: samplers with denoisers that know a structure's density, blurred more and less.

    python benchmarks/knowledge.py clouds/{3gl1,19hc,4rfx,2bwx}.npz --table knowledge.csv

An oracle knows a second fit's mixture, in the structure's own orientation and blurred by so many ångströms, and takes
points for independent draws from it: the best that knowledge of the fold at that resolution can give. Beside it the
bundled priors, and regularised ML without any. One line per sampler and denoiser, means over clouds and samples; the
table has every sample.
"""

import argparse
import time
from itertools import product
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import torch
import yaml
from jaxtyping import Float
from torch import Tensor

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.imaging import Imaging
from pointprior.measurements.likelihood import Likelihood, Pairing
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.reconstruction import daps, plug_and_play
from pointprior.reconstruction.daps import sample_daps
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.guidance import Denoise, Guidance
from pointprior.reconstruction.plug_and_play import sample_plug_and_play
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.scores import score
from pointprior.structures.mixtures import refit

ROOT = Path(__file__).parents[1]
MEASURED = ("projections", "points", "low_resolution", *Imaging.__dataclass_fields__)
TASKS = {
    "p3x1024": ("config.yaml", "p3x1024"),
    "p1x1024_lr40": ("config.yaml", "p1x1024_lr40"),
    "realistic_3x1024": ("realistic.yaml", "realistic_3x1024"),
    "realistic_1x1024_lr40": ("realistic.yaml", "realistic_1x1024_lr40"),
    "realistic_5x1024": ("realistic.yaml", "realistic_5x1024"),
    "realistic_2x900_lr30": ("realistic.yaml", "realistic_2x900_lr30"),
}
USUAL = list(TASKS)[:4]
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
NO_PRIOR = "regularised ML"
POINTS = 1024  # of the clouds
SIGMA_DATA = 0.38  # of the bundled priors


class KnownDensity(torch.nn.Module):
    """E[x | x + t n] of independent points of a mixture of equal Gaussians.

    Parameters
    ----------
    means : Tensor, shape=(K, 3)
        Of the components, in units of the cube.
    variance : float
        Of each component along each axis.
    """

    def __init__(self, means: Float[Tensor, "K 3"], variance: float):
        super().__init__()
        self.means, self.variance = torch.nn.Parameter(means, requires_grad=False), variance

    def forward(self, x: Float[Tensor, "S N 3"], t: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        """Expected clean clouds."""
        noise = (t**2)[:, None, None]
        total = self.variance + noise
        weights = (-(torch.cdist(x, self.means.expand(len(x), -1, -1)) ** 2) / (2 * total)).softmax(dim=-1)  # (S, N, K)
        return (self.variance * x + noise * (weights @ self.means)) / total


def known_density(cloud: PointCloud, name: str, blur: float) -> KnownDensity:
    """A second fit's density of a cloud, blurred by so many ångströms (standard deviation along an axis)."""
    means = refit(cloud, numpy_generator("known", name))
    variance = (np.trace(cloud.covariance) / 3 + blur**2) / cloud.scale**2
    return KnownDensity(torch.from_numpy(np.asarray(means, dtype=np.float32)), float(variance))


def regularised_ml(energy: Energy, key: tuple, said: dict, arguments) -> Reconstruction:
    """Models without a prior."""
    method, nfe = METHODS["ml_regularised"].load(), Schedule(arguments.steps).nfe
    how = {"alpha": said["alpha"], "beta": "1/t", "steps": arguments.steps, "nfe": nfe}
    return method.reconstruct(Problem(energy, key=(*key, "ml"), samples=arguments.samples, **how), method.Settings())


def sampled(sampler: str, denoise: Denoise, energy: Energy, key: tuple, said: dict, arguments) -> Reconstruction:
    """Models by a sampler with its default settings, `pnp` from those without a prior."""
    size = {"samples": arguments.samples, "points": POINTS}
    if sampler == "dps":
        return sample(denoise, energy, Schedule(arguments.steps), Guidance(said["alpha"]), key=(*key, "dps"), **size)
    if sampler == "daps":
        return sample_daps(denoise, energy, daps.Settings(), key=(*key, "daps"), sigma_data=SIGMA_DATA, **size)
    start = {"initial": regularised_ml(energy, key, said, arguments).points, "sigma_data": SIGMA_DATA}
    start["regulariser"] = PairDistances(energy.observations.cloud_spacing())
    return sample_plug_and_play(denoise, energy, plug_and_play.Settings(), key=(*key, "pnp"), **start, **size)


def reconstruct(cloud: PointCloud, name: str, task: str, sampler: str, denoise: Denoise | None, arguments):
    """Scores of samples of one cloud in a task: by a sampler with a denoiser, or without a prior."""
    file, entry = TASKS[task]
    said = yaml.safe_load((ROOT / "config" / file).read_text())["tasks"][entry]
    observations = synthesise(cloud, key=(0, name, entry), **{k: v for k, v in said.items() if k in MEASURED})
    energy = Energy(observations, likelihood=Likelihood(pairing=arguments.pairing, outliers=arguments.outliers))
    key, began = (0, name, task), time.process_time()
    if denoise is None:
        found = regularised_ml(energy, key, said, arguments)
    else:
        found = sampled(sampler, denoise, energy, key, said, arguments)
    seconds = (time.process_time() - began) / arguments.samples
    return score(found.points, cloud).assign(cpu_seconds=seconds)


def denoisers(cloud: PointCloud, name: str, arguments) -> dict[str, Denoise | None]:
    """Whatever is compared on a cloud, by what it is called."""
    oracles = {f"oracle, {blur:g} Å": known_density(cloud, name, blur) for blur in arguments.blurs}
    priors = {folder.name: Denoiser.load(folder) for folder in arguments.priors}
    return {NO_PRIOR: None} | priors | oracles


def report(arguments) -> None:
    """One line for every task and denoiser, and the table of every sample."""
    tables = []
    for path in arguments.clouds:
        name, cloud = path.stem, PointCloud.load(path)
        floor = score(refit(cloud, numpy_generator("floor", name))[None], cloud)["rmsd_cg"].item()
        compared = product(denoisers(cloud, name, arguments).items(), arguments.tasks, arguments.samplers)
        for (label, denoise), task, sampler in compared:
            if denoise is None and sampler != arguments.samplers[0]:
                continue
            found = reconstruct(cloud, name, task, sampler, denoise, arguments)
            labels = {"task": task, "cloud": name, "denoiser": label, "floor": floor}
            labels["sampler"] = "" if denoise is None else sampler
            if denoise is not None:
                errors = denoising_error(denoise, cloud.points[None], levels=LEVELS)
                labels |= {f"error_{level:g}": error for level, error in errors.items()}
            tables.append(found.assign(**labels))
            print(name, task, sampler, label, found["rmsd_cg"].round(2).tolist(), flush=True)
            pd.concat(tables).to_csv(arguments.table, index=False)
    means = pd.concat(tables).pivot_table(index=["sampler", "denoiser"], columns="task", values="rmsd_cg", sort=False)
    print(means.round(2).to_markdown())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--table", type=Path, default=Path("knowledge.csv"))
    parser.add_argument("--tasks", nargs="+", default=USUAL, choices=list(TASKS))
    parser.add_argument("--blurs", nargs="*", type=float, default=[0, 3, 6, 10, 20, 40], help="in ångströms")
    bundled = [ROOT / "resources/priors" / name for name in ("cryostruct-small", "cryostruct-neighbours")]
    parser.add_argument("--priors", nargs="*", type=Path, default=bundled)
    parser.add_argument("--samplers", nargs="+", default=["dps"], choices=["dps", "daps", "pnp"])
    parser.add_argument("--outliers", type=float, default=0.0, help="share of points that may stay unmatched")
    parser.add_argument("--pairing", default="exact", choices=get_args(Pairing), help="of points with targets")
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--steps", type=int, default=40)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    report(arguments)


if __name__ == "__main__":
    main()
