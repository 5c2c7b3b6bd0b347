"""What a prior can learn of a fold in minutes: the bundled one, trained on a few deposits in poses that are known.

    python benchmarks/known_fold.py overfitted 4tvx 3sn6 1g0u
    python benchmarks/known_fold.py relatives 4tvx 4u7u --onto 5cd4

Several mixtures are fitted to each deposit and stay as they lie: without random rotations, the prior learns a fold in
one pose. With `--onto`, they are first superposed on the truth of another entry, whose relatives they are. With
`--replayed`, it is the refinement behind `pointprior prior refine --in-place`, that share of whose batches are general
clouds (there 0). Denoising errors are told on further fits of the deposits, or on a fit of that entry (means over
them), and on general clouds, beside those of oracles of known resolution; `--trained` tells those of a prior that there
is, and trains none. The folder OUTPUT/prior and the clouds in OUTPUT/clouds, other fits than those learnt from, are for
`knowledge.py`, which compares what samplers make of it.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from knowledge import LEVELS, known_density

from pointprior.clouds import PointCloud, radius_of_gyration
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.priors.refinement import refine
from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.training.loop import train
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan
from pointprior.priors.training_set import REPLAY, TrainingSet
from pointprior.scoring.alignment import align
from pointprior.structures.mixtures import fit_mixture, to_cloud
from pointprior.structures.recipes import CloudRecipe, MixtureFit
from pointprior.structures.shards import clouds_of, entry_atoms

ROOT = Path(__file__).parents[1]
BLURS = (3, 6, 10)  # of the oracles, in Å
FIT = MixtureFit(engine="neighbours")
POINTS = 1024
UNSEEN = 77  # seed of the fits that nothing is learnt from


def unseen_fit(entry: str, mirrors: list[str]) -> PointCloud:
    """A fit of a deposit that the prior does not learn from."""
    atoms = entry_atoms(entry, mirrors, True, CloudRecipe(fit=FIT))
    return to_cloud(fit_mixture(atoms.xyz, components=POINTS, fit=FIT, seed=UNSEEN, name=entry), atoms.chain)


def fits_of(entry: str, arguments) -> np.ndarray:
    """Fits of a deposit, each in a cube of its own; shape (fits, 1024, 3)."""
    recipe = CloudRecipe(fits=arguments.fits, sub_assemblies=0, fit=FIT)
    return np.stack(list(clouds_of(entry, entry_atoms(entry, arguments.mirrors, True, recipe), recipe).values()))


def brought_onto(fits: np.ndarray, own: PointCloud, target: PointCloud) -> np.ndarray:
    """Fits of a relative in the cube of the entry on which the relative is superposed."""
    model, truth = own.to_angstrom(), target.to_angstrom()
    motion = align(model, truth)
    print(f"superposed with a kernel correlation of {motion.correlation:.2f}", flush=True)
    scales = radius_of_gyration(model[None]) / radius_of_gyration(fits)  # each fit fills its cube in its own way
    placed = (fits - fits.mean(axis=1, keepdims=True)) * scales[:, None, None] + model.mean(axis=0)
    return ((motion.apply(placed) - target.center) / target.scale).astype(np.float32)


def train_in_place(initial: Denoiser, clouds: np.ndarray, groups: np.ndarray, arguments) -> Denoiser:
    """The prior after some steps on the clouds as they lie."""
    stage = Stage(steps=arguments.steps, batch=4, points=POINTS, noise_mean=-1.7, noise_std=1.1, t_max=20.0)
    rates = {"learning_rate": 1e-3, "final_learning_rate": 1e-5, "warmup": 100}
    plan = TrainingPlan(stages=(stage,), augmentation="none", **rates)
    losses: list[float] = []

    def report(row: dict) -> None:
        losses.append(float(row["loss"]))
        if len(losses) % 100 == 0:
            print(f"step {len(losses)}: loss {np.mean(losses[-100:]):.4f}", flush=True)

    how = {"execution": TrainingExecution(device="cpu"), "seed": 3, "initial": initial, "report": report}
    return train(initial.spec, plan, clouds, groups, checkpoint=arguments.output / "checkpoint.safetensors", **how)


def refine_in_place(initial: Denoiser, clouds: np.ndarray, groups: np.ndarray, arguments) -> Denoiser:
    """The prior refined on the clouds as they lie, beside general ones; a fit of each deposit is for the checks."""
    last = np.append(groups[1:] != groups[:-1], True)
    relatives = TrainingSet(clouds, groups, np.array([str(group) for group in groups]), last)
    settings = Refinement(
        in_place=True,
        steps=arguments.steps,
        replayed=arguments.replayed,
        learning_rate=arguments.learning_rate,
    )
    general, checkpoint = TrainingSet.load(arguments.prior / REPLAY), arguments.output / "checkpoint.safetensors"
    how = {"seed": 3, "checkpoint": checkpoint, "report": lambda check: print(check, flush=True)}
    return refine(initial, relatives, general, settings, **how).denoiser


def report(unseen: dict[str, PointCloud], priors: dict[str, Denoiser], general: TrainingSet) -> None:
    """Denoising errors of priors and of oracles at each t, means over the clouds."""
    chosen = np.flatnonzero(general.held_out)[:: max(int(general.held_out.sum()) // 16, 1)]
    for name, prior in priors.items():
        errors = denoising_error(prior, general.of_one_size(chosen), levels=LEVELS)
        print(f"{name}, general clouds", {level: round(errors[level], 3) for level in LEVELS}, flush=True)
    compared = {name: dict.fromkeys(unseen, prior) for name, prior in priors.items()}
    for blur in BLURS:
        compared[f"oracle, {blur} Å"] = {entry: known_density(cloud, entry, blur) for entry, cloud in unseen.items()}
    for name, denoisers in compared.items():
        errors = [
            denoising_error(denoisers[entry], cloud.points[None], levels=LEVELS) for entry, cloud in unseen.items()
        ]
        print(name, {level: round(float(np.mean([each[level] for each in errors])), 3) for level in LEVELS}, flush=True)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("structures", nargs="+", help="PDB ids")
    parser.add_argument("--onto", help="entry whose relatives they are")
    parser.add_argument("--trained", type=Path, help="prior to tell the errors of, instead of training one")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--fits", type=int, default=12, help="of each structure, to learn from")
    parser.add_argument("--replayed", type=float, help="share of general clouds; not given: none, another course")
    parser.add_argument("--learning-rate", type=float, default=Refinement.learning_rate, help="of what is replayed")
    parser.add_argument("--mirrors", nargs="*", default=[], help="folders of deposits")
    parser.add_argument("--prior", type=Path, default=ROOT / "resources/priors/cryostruct-neighbours")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    (arguments.output / "clouds").mkdir(parents=True, exist_ok=True)

    unseen = {entry: unseen_fit(entry, arguments.mirrors) for entry in arguments.structures}
    initial, general = Denoiser.load(arguments.prior), TrainingSet.load(arguments.prior / REPLAY)
    if arguments.trained:
        return report(unseen, {"before": initial, "after": Denoiser.load(arguments.trained)}, general)
    fits = {entry: fits_of(entry, arguments) for entry in arguments.structures}
    if arguments.onto:
        target = unseen_fit(arguments.onto, arguments.mirrors)
        fits = {entry: brought_onto(found, unseen[entry], target) for entry, found in fits.items()}
        unseen = {arguments.onto: target}
    for entry, cloud in unseen.items():
        cloud.save(arguments.output / f"clouds/{entry}.npz")

    groups = np.repeat(np.arange(len(fits)), [len(found) for found in fits.values()])
    learn = train_in_place if arguments.replayed is None else refine_in_place
    trained = learn(initial, np.concatenate(list(fits.values())), groups, arguments)
    trained.save(arguments.output / "prior", {"about": "an experiment of benchmarks/known_fold.py"})
    report(unseen, {"before": initial, "after": trained}, general)


if __name__ == "__main__":
    main()
