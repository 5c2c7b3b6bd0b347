"""What to do about noise: fit to the end, or stop where errors alone explain the misfit (DPS and ML alike).

    python benchmarks/noise.py clouds/*.npz --noise 2 5 10 --steps 20

Clouds of validation clusters, as `regularised_ml.py clouds` makes them; `--floors` tells how good the floor is.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy, Paired
from pointprior.measurements.matching import match
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.scores import score


class EnergyToTheFloor(Energy):
    """Σ_k w_k (√E_k - √F_k)₊², the squared distance to the clouds that fit every observation within its noise.

    F_k is the deviation that errors alone leave (`noise_floor`). Guidance and Adam see the usual pull until an
    observation is fitted that well, and none after: the discrepancy principle.
    """

    def __init__(self, observations: Observations):
        super().__init__(observations)
        self.radii = [
            noise_floor(o, numpy_generator(observations.seed, "floor", k)) ** 0.5 for k, o in enumerate(observations)
        ]

    def of_pairs(self, x: torch.Tensor, pairs: Sequence[Paired], uncertainty: float | int = 0.0) -> torch.Tensor:
        total = torch.zeros(len(x), dtype=x.dtype)
        for paired, radius in zip(pairs, self.radii, strict=True):
            distance = self._sum(x, [paired], [1.0]).clamp_min(torch.finfo(x.dtype).tiny).sqrt()
            total = total + paired.observation.weight * (distance - radius).clamp_min(0).square()
        return total


def noise_floor(observation: Observation, generator: np.random.Generator, draws: int = 4) -> float:
    """Squared deviation (Frobenius sum) that errors alone leave under the best matching.

    Targets with a second set of errors are matched to the targets: where errors exceed the distances between
    targets, that is far below the M d σ² of known correspondences.
    """
    targets = observation.targets.astype(np.float64)
    points = np.repeat(targets, observation.capacity, axis=0)  # (N, d)
    costs = []
    for _ in range(draws):
        moved = points + observation.noise * generator.standard_normal(points.shape)
        matching = match(moved, targets, observation.capacity)
        costs.append(np.square(moved - targets[matching.target]).sum())
    return float(np.mean(costs))


def report_floors(paths: list[Path], levels: list[float]) -> None:
    """The floor beside the truth's own energy and beside M d σ²."""
    print("| entry | noise (Å) | truth's E / M d σ² | floor / truth's E |\n|---|---|---|---|")
    for path in paths:
        cloud = PointCloud.load(path)
        truth = torch.from_numpy(cloud.points)[None].double()
        for level in levels:
            own, floors, naive = 0.0, 0.0, 0.0
            for k, o in enumerate(synthesise(cloud, key=("noise", path.stem), projections=3, noise=level)):
                single = Observations((replace(o, weight=1.0),), len(cloud.points), 0)
                own += float(Energy(single)(truth))
                floors += noise_floor(o, numpy_generator("noise", path.stem, k))
                naive += o.targets.size * o.noise**2
            print(f"| {path.stem} | {level:g} | {own / naive:.2f} | {floors / own:.2f} |", flush=True)


def compare(path: Path, level: float, prior: Denoiser | None, steps: int, alpha: float) -> None:
    """A row of scores for each method and treatment."""
    cloud, key = PointCloud.load(path), ("noise", path.stem)
    observations = synthesise(cloud, key=key, projections=3, noise=level)
    common = {"key": key, "samples": 1, "points": len(cloud.points)}
    budget = Schedule(steps).nfe
    regulariser = PairDistances(observations.cloud_spacing())
    for treatment, energy_of in (("to the end", Energy), ("to the floor", EnergyToTheFloor)):
        runs = {
            "ml": lambda e: maximise_likelihood(e, **common),
            "ml_regularised": lambda e: maximise_likelihood(
                e, **common, steps=budget, learning_rate=0.3, annealed=True, regulariser=regulariser, weight=0.3
            ),
        }
        if prior is not None:
            runs["dps"] = lambda e: sample(prior, e, Schedule(steps), Guidance(alpha, clip=None), **common)
        for method, run in runs.items():
            found = run(energy_of(observations))
            row = score(found.points, cloud).iloc[0]
            cells = f"{row['rmsd_cg']:.2f} | {100 * row['chamfer']:.2f} | {100 * row['emd']:.2f}"
            energy = 1e3 * float(np.mean(found.energy))
            print(f"| {path.stem} | {level:g} | {method} | {treatment} | {cells} | {energy:.2f} |", flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--noise", type=float, nargs="+", default=[2, 5, 10])
    parser.add_argument("--steps", type=int, default=20, help="time steps of DPS; the regularised ML takes 2 steps - 1")
    parser.add_argument("--alpha", type=float, default=40_000)
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--floors", action="store_true", help="report the floors only")
    parser.add_argument("--without-dps", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.floors:
        report_floors(arguments.clouds, arguments.noise)
        return
    print("| entry | noise (Å) | method | fitted | RMSD_cg (Å) | CD (10⁻²) | EMD (10⁻²) | E (10⁻³) |")
    print("|---|---|---|---|---|---|---|---|")
    prior = None if arguments.without_dps else Denoiser.load(arguments.prior)
    for path in arguments.clouds:
        for level in arguments.noise:
            compare(path, level, prior, arguments.steps, arguments.alpha)


if __name__ == "__main__":
    main()
