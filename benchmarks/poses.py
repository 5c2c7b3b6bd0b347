"""How far poses that are a little wrong are healed by refining them with the matching held.

    python benchmarks/poses.py clouds/{1a4l,5fp2}.npz --errors 0 2 5 10 --methods ml_regularised pnp dps

Clouds of validation clusters, as `regularised_ml.py clouds` makes them; five projections of 1,024 points unless told.
The angles left are root mean squares over images after the rotation that is common to all of them: with projections
alone nothing fixes the frame.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np
import torch
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observations
from pointprior.measurements.poses import Poses, frame, rotations
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.scoring.scores import score

MADE: dict[tuple, Reconstruction] = {}


def angles_left(true: Observations, told: Observations, poses: Poses) -> list[float]:
    """Root-mean-square angle (in degrees) from the true poses, of every sample."""
    right = np.stack([frame(observation) for observation in true])
    given = np.stack([frame(observation) for observation in told])
    left = []
    for turns in poses.turns:
        believed = given @ rotations(turns)
        common, _ = Rotation.align_vectors(
            believed.transpose(0, 2, 1).reshape(-1, 3), right.transpose(0, 2, 1).reshape(-1, 3)
        )
        apart = Rotation.from_matrix(np.swapaxes(common.as_matrix() @ right, 1, 2) @ believed).magnitude()
        left.append(float(np.degrees(np.sqrt(np.mean(apart**2)))))
    return left


def reconstruct(name: str, energy: Energy, method: str, errors: PoseErrors, arguments) -> Reconstruction:
    """Models by a method with its default settings; its start, once made for these measurements, is taken again."""
    if (id(energy), method, errors) in MADE:
        return MADE[id(energy), method, errors]
    first = getattr(METHODS[method].load_settings()(), "initial", None)
    problem = Problem(
        energy,
        key=(0, name, "poses", method),
        samples=arguments.samples,
        alpha=arguments.alpha,
        beta="1/t",
        steps=arguments.steps,
        nfe=Schedule(arguments.steps).nfe,
        prior=arguments.prior,
        initial=None if first is None else reconstruct(name, energy, first, errors, arguments),
        pose_errors=errors,
    )
    module = METHODS[method].load()
    found: Reconstruction = module.reconstruct(problem, module.Settings())
    MADE[id(energy), method, errors] = found
    return found


def compare(path: Path, error: float, arguments) -> None:
    """Rows of one cloud and error: every method with poses held, and refined."""
    cloud = PointCloud.load(path)
    key = {"key": (0, path.stem, "poses"), "projections": arguments.projections, "noise": arguments.noise}
    true, told = (synthesise(cloud, **key, pose_error=wrong) for wrong in (0, error))
    energy = Energy(told, likelihood=Likelihood(pairing=arguments.pairing))
    for method, believed in product(arguments.methods, arguments.believed):
        found = reconstruct(path.stem, energy, method, PoseErrors(angle=believed), arguments)
        given = Poses.as_given(arguments.samples, len(told))
        before, after = (np.mean(angles_left(true, told, poses)) for poses in (given, found.poses or given))
        rmsd = score(found.points, cloud)["rmsd_cg"].mean()
        cells = f"{path.stem} | {method} | {error:g} | {believed:g} | {before:.1f} | {after:.1f} | {rmsd:.2f}"
        print(f"| {cells} | {1e3 * found.energy.mean():.2f} | {found.seconds:.0f} |", flush=True)
    MADE.clear()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clouds", type=Path, nargs="+")
    parser.add_argument("--errors", type=float, nargs="+", default=[0, 2, 5, 10], help="of the poses told, in degrees")
    parser.add_argument("--believed", type=float, nargs="+", default=[0, 5], help="pose errors to refine with; 0: held")
    parser.add_argument("--methods", nargs="+", default=["ml_regularised", "pnp", "dps"])
    parser.add_argument("--projections", type=int, default=5)
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--pairing", default="exact", choices=["exact", "unbalanced", "entropic"])
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40, help="time steps of DPS; the regularised ML takes 2 steps - 1")
    parser.add_argument("--alpha", type=float, default=80_000)
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("| entry | method | error told (°) | believed (°) | before (°) | after (°) | RMSD (Å) | E (10⁻³) | seconds |")
    print("|---|---|---|---|---|---|---|---|---|")
    for error, path in product(arguments.errors, arguments.clouds):
        compare(path, error, arguments)


if __name__ == "__main__":
    main()
