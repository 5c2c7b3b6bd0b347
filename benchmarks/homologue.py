"""What a homologue is worth as a measurement: found by a rigid fit, stated to deviate, its pose refined on the way.

    python benchmarks/homologue.py 5amq:5amr 3j9i:1g0u --mirrors pdb pdb-partial --deviations 4 8

Each pair is a structure to reconstruct and a relative of it that is known; measurements of the first are realistic. The
relative, turned at random, is fitted to them as a rigid body, and its pose compared with a superposition on the truth.
Then the structure is reconstructed without the relative and with it, by methods with and without a prior. Rows "as it
lies" are the relative itself. A deviation of 0 stands for what the rigid fit misses. Further `--priors` may know the
relatives, too (`known_fold.py --onto`).
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml
from jaxtyping import Float
from knowledge import MEASURED
from known_fold import unseen_fit
from plug_and_play_settings import likelihood
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations, with_shares
from pointprior.measurements.rigid_fit import fit_rigidly
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator
from pointprior.scoring.alignment import align
from pointprior.scoring.scores import score
from pointprior.structures.mixtures import refit

ROOT = Path(__file__).parents[1]
POSE = PoseErrors(homologue_angle=5.0, homologue_shift=0.03)
STEPS = 40


def placed(relative: PointCloud, name: str, truth: PointCloud, observations: Observations):
    """Points of a relative where they explain the measurements best, and where a superposition on the truth has them.

    In units of the truth's cube; and what the first miss (in Å).
    """
    turned = relative.points * (relative.scale / truth.scale) @ random_rotations(1, "SO3", numpy_generator(name))[0]
    began = time.process_time()
    fit = fit_rigidly(turned, observations, key=(0, name))
    seconds, found = time.process_time() - began, fit.apply(turned)
    best = align(found * truth.scale, truth.points * truth.scale)
    superposed = best.apply(found * truth.scale) / truth.scale
    turn = np.degrees(Rotation.from_matrix(best.rotation).magnitude())
    move = np.linalg.norm((superposed - found).mean(axis=0)) * truth.scale
    print(
        f"  rigid fit: {seconds:.1f} s, misfit {fit.misfit * truth.scale:.1f} Å; superposed on the truth: kernel "
        f"correlation {best.correlation:.2f}, {turn:.1f} degrees and {move:.1f} Å away",
        flush=True,
    )
    return found.astype(np.float32), superposed.astype(np.float32), fit.misfit * truth.scale


def beside(observations: Observations, homologue: Observation) -> Observations:
    """The same measurements and a homologue, each of the same weight before its deviation counts."""
    items = with_shares([*observations, homologue])
    return Observations(items, observations.points, observations.seed)


def reconstruct(method: str, energy: Energy, said: dict, key: tuple, prior: Path, arguments):
    """Samples by a method with its default settings, and by that which it begins from."""
    how = {"alpha": said["alpha"], "beta": "1/t", "steps": STEPS, "nfe": Schedule(STEPS).nfe, "pose_errors": POSE}
    found = None
    for name in ("ml_regularised", method) if method == "pnp" else (method,):
        code = METHODS[name].load()
        problem = Problem(energy, key=(*key, name), samples=arguments.samples, prior=prior, initial=found, **how)
        found = code.reconstruct(problem, code.Settings())
    assert found is not None
    return found.points


def compare(entry: str, relative: str, task: str, arguments) -> pd.DataFrame:
    """Scores of everything that is compared on one pair in one task."""
    said = yaml.safe_load((ROOT / "config/realistic.yaml").read_text())["tasks"][task]
    truth, known = unseen_fit(entry, arguments.mirrors), unseen_fit(relative, arguments.mirrors)
    measured = {name: value for name, value in said.items() if name in MEASURED}
    observations = synthesise(truth, key=(0, entry, task), **measured)
    floor = score(refit(truth, numpy_generator("floor", entry))[None], truth)["rmsd_cg"].item()
    labels = {"entry": entry, "relative": relative, "task": task, "floor": floor}
    print(f"{entry} from {relative}, {task}: floor {floor:.2f} Å", flush=True)
    tables = []

    def add(points: Float[np.ndarray, "S N 3"], method: str, what: str, prior: str = "") -> None:
        rows = score(points, truth)
        tables.append(rows.assign(method=method, known=what, prior=prior, **labels))
        print(f"  {method:15} {what:22} {prior:22}", rows["rmsd_cg"].round(2).tolist(), flush=True)

    times = float("nan")
    found, superposed, missed = placed(known, relative, truth, observations)
    add(found[None], "as it lies", "rigid fit")
    add(superposed[None], "as it lies", "superposed")
    weighed, key = likelihood(arguments.likelihood), (0, entry, task)
    cases = {"nothing": Energy(observations, likelihood=weighed)}
    for deviation in arguments.deviations:
        stated = (deviation or missed) / truth.scale
        homologue = Observation.homologue(found, deviation=stated, weight=1 / len(observations))
        both = beside(observations, homologue)
        what = f"{deviation:g} Å" if deviation else "misfit"
        cases[f"homologue, {what}"] = Energy(both, likelihood=replace(weighed, weighting="precision"))
    for what, energy in cases.items():
        free = reconstruct("ml_regularised", energy, said, key, arguments.priors[0], arguments)
        add(free, "ml_regularised", what)
        if what == "nothing":
            missed_by = [energy.reported(torch.from_numpy(x).double()).sqrt().mean() for x in (found[None], free)]
            times = (missed_by[0] / missed_by[1]).item()
            print(f"  the relative misses {times:.2f} times what this leaves", flush=True)
        for prior in arguments.priors:
            for method in arguments.methods:
                add(reconstruct(method, energy, said, key, prior, arguments), method, what, prior.name)
    return pd.concat(tables).assign(times=times)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="+", metavar="ENTRY:RELATIVE")
    parser.add_argument("--tasks", nargs="+", default=["realistic_3x1024"])
    parser.add_argument("--likelihood", default="", metavar="NAME=VALUE,...", help="other than the configuration's")
    parser.add_argument("--deviations", nargs="*", type=float, default=[0.0, 4.0, 8.0], help="in ångströms")
    parser.add_argument("--methods", nargs="*", default=["pnp"], help="that need a prior")
    parser.add_argument("--priors", nargs="+", type=Path, default=[ROOT / "resources/priors/cryostruct-neighbours"])
    parser.add_argument("--mirrors", nargs="*", default=[], help="folders of deposits")
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--table", type=Path, default=Path("homologue.csv"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    tables = []
    for pair in arguments.pairs:
        for task in arguments.tasks:
            tables.append(compare(*pair.split(":"), task, arguments))
            pd.concat(tables).to_csv(arguments.table, index=False)


if __name__ == "__main__":
    main()
