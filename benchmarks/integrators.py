"""Table 2 of the paper on complexes: what noise and a second-order correction are worth at equal network evaluations.

python benchmarks/integrators.py resources/clouds/*.npz --samples 2 --evaluations 79
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.scoring.metrics import chamfer, emd, rmsd_matched

VARIANTS = {  # integrator, β, and whether a step takes two evaluations
    "A Euler ODE": ("euler", "0", False),
    "B + noise": ("euler", "1/t", False),
    "C + correction (as printed)": ("paper", "1/t", True),
    "Heun ODE": ("heun", "0", True),
    "Heun + noise": ("heun", "1/t", True),
}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--projections", type=int, default=3)
    parser.add_argument("--points", type=int, default=300)
    parser.add_argument("--alpha", type=float, default=20_000)
    parser.add_argument("--samples", type=int, default=2)
    parser.add_argument("--evaluations", type=int, default=79, help="of the network, a sample; odd")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    prior = Denoiser.load(arguments.prior)
    print(
        f"{len(arguments.clouds)} clouds × {arguments.samples} samples, {arguments.projections} projections × "
        f"{arguments.points} points, α = {arguments.alpha:g}, {arguments.evaluations} evaluations; mean over clouds"
    )
    print("| | RMSD to the means (Å, not superposed) | CD (10⁻²) | EMD (10⁻²) | E (10⁻³) |")
    print("|---|---|---|---|---|")
    for name, (integrator, beta, twice) in VARIANTS.items():
        steps = (arguments.evaluations + 1) // 2 if twice else arguments.evaluations
        rows = []
        for path in arguments.clouds:
            cloud, key = PointCloud.load(path), ("integrators", path.stem)
            observations = synthesise(cloud, key=key, projections=arguments.projections, points=arguments.points)
            found = sample(
                prior,
                Energy(observations),
                Schedule(steps=steps, beta=beta, integrator=integrator),
                Guidance(arguments.alpha, clip=None),
                key=(*key, "dps"),
                samples=arguments.samples,
                points=len(cloud.points),
            )
            assert found.nfe == arguments.evaluations
            for model, energy in zip(found.points, found.energy, strict=True):
                distance = cloud.scale * rmsd_matched(cloud.points, model)
                rows.append(
                    (distance, 100 * chamfer(cloud.points, model), 100 * emd(cloud.points, model), 1e3 * energy)
                )
        print(f"| {name} | {' | '.join(f'{value:.2f}' for value in np.mean(rows, axis=0))} |", flush=True)


if __name__ == "__main__":
    main()
