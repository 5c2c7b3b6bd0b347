"""From the structures of relatives to a refined prior with its card."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from pointprior.priors.card import PriorError, read_card
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.refinement import LEVELS, Check, Refined, refine
from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.training_set import REPLAY, TrainingSet
from pointprior.structures.atoms import read_atoms
from pointprior.structures.recipes import CloudRecipe, MixtureFit
from pointprior.structures.shards import clouds_of, entry_atoms

CHECKPOINT = "refinement.safetensors"  # in the folder of the refined prior, until it is done


def refine_on_structures(
    structures: Sequence[str],
    prior: str | os.PathLike,
    output: str | os.PathLike,
    settings: Refinement,
    *,
    replay: str | os.PathLike | None = None,
    seed: int = 0,
    seconds: float | int = float("inf"),
    report: Callable[[str], None] = lambda line: None,
    mirrors: Sequence[str] = (),
    download: bool = True,
) -> None:
    """Refine a prior on structures and write it, with a card that says what it has seen.

    An interrupted refinement goes on from its last check when it is started again.

    Parameters
    ----------
    structures : sequence of str
        PDB ids, or mmCIF or PDB files of atomic coordinates.
    prior, output : path
        Folders of the prior to start from and of the refined one.
    settings : Refinement
        How to train, and when to stop.
    replay : path, optional
        Clouds of the kind that the prior was trained on (`TrainingSet`); those in its folder by default.
    seed : int
        Of the fits and of all draws.
    seconds : float
        Time after which no further step is taken.
    report : callable
        Told what happens, line by line.
    mirrors, download
        Where entries come from, as of `archive.fetch`.

    Raises
    ------
    PriorError
        If the prior cannot be read, or there are no general clouds.
    ArchiveError, StructureError, TooFewAtomsError
        If a structure cannot be had, cannot be read, or is too small; each names it.
    """
    initial, general = Denoiser.load(prior), _general_clouds(prior, replay)
    relatives = coarse_grain_relatives(structures, settings, seed=seed, mirrors=mirrors, download=download)
    learnt = int((~relatives.held_out).sum())
    report(f"{_counted(len(structures), 'structure')}, {_counted(learnt, 'cloud')} to learn from; {_HEADING}")
    began = time.perf_counter()
    checkpoint = Path(output) / CHECKPOINT
    refined = refine(
        initial,
        relatives,
        general,
        settings,
        seed=seed,
        seconds=seconds,
        checkpoint=checkpoint,
        report=lambda check: report(_line(check)),
    )
    minutes = (time.perf_counter() - began) / 60
    refined.denoiser.save(output, _card(structures, prior, settings, refined, minutes, seed))
    checkpoint.unlink(missing_ok=True)
    report(f"{output}: weights of step {refined.kept.step}; {_ENDINGS[refined.ended]}")


def coarse_grain_relatives(
    structures: Sequence[str],
    settings: Refinement,
    *,
    seed: int = 0,
    mirrors: Sequence[str] = (),
    download: bool = True,
) -> TrainingSet:
    """Fit clouds of structures (PDB ids or files); the last fit of each is held out for the checks."""
    recipe = CloudRecipe(
        fits=settings.fits + 1, sub_assemblies=settings.sub_assemblies, seed=seed, fit=MixtureFit(engine="neighbours")
    )
    clouds, groups, names = [], [], []
    for group, structure in enumerate(structures):
        is_file = Path(structure).is_file()
        atoms = read_atoms(structure) if is_file else entry_atoms(structure, mirrors, download, recipe)
        for name, points in clouds_of(Path(structure).name, atoms, recipe).items():
            clouds.append(points)
            groups.append(group)
            names.append(name)
    held_out = np.array([name.endswith(f"/fit{settings.fits}") for name in names])
    return TrainingSet(np.stack(clouds), np.array(groups), np.array(names), held_out)


def _general_clouds(prior: str | os.PathLike, replay: str | os.PathLike | None) -> TrainingSet:
    path = Path(prior) / REPLAY if replay is None else Path(replay)
    if not path.is_file():
        raise PriorError(
            f"{path}: no such file; a refinement needs clouds of the kind that the prior was trained on, such as "
            "results/priors/cryostruct/training_clouds.npz (snakemake makes it)"
        )
    return TrainingSet.load(path)


_ENDINGS = {
    "steps": "all steps are done",
    "time": "the time was up",
    "forgetting": "stopped, since errors on general clouds grew",
}
_LIMITS = {
    False: "Knows its relatives: what it reconstructs resembles them where the measurements do not object.",
    True: "Knows its relatives in the orientation of their files, and nothing else: a prior for one specimen.",
}
_HEADING = f"errors at t = {', '.join(map(str, LEVELS))} (1: nothing known)"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _line(check: Check) -> str:
    relatives, general = (
        " ".join(f"{errors[level]:.3f}" for level in LEVELS) for errors in (check.relatives, check.general)
    )
    return f"step {check.step}: relatives {relatives}, general clouds {general}"


def _card(structures, prior, settings: Refinement, refined: Refined, minutes: float, seed: int) -> dict:
    """What a refined prior's card says besides its network: what it was, what it has seen, what came of it."""
    first, kept = refined.checks[0], refined.kept

    def before_and_after(of: str) -> dict[str, list[float]]:
        errors = getattr(first, of), getattr(kept, of)
        return {str(level): [round(values[level], 4) for values in errors] for level in LEVELS}

    return {
        "refined_from": {"sha256": read_card(prior)["sha256"], "folder": Path(prior).name},
        "data": {"relatives": [Path(structure).name for structure in structures], "fits_of_each": settings.fits},
        "training": {
            "refinement": asdict(settings) | {"replayed": settings.share_replayed},
            "seed": seed,
            "steps_done": refined.checks[-1].step,
            "steps_kept": kept.step,
            "ended_by": refined.ended,
            "minutes": round(minutes, 1),
        },
        "denoising_error_before_and_after": {name: before_and_after(name) for name in ("relatives", "general")},
        "limits": _LIMITS[settings.in_place],
    }
