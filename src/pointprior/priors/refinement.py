"""Refinement of a prior on relatives of a structure: what homologues there are teaches it the fold.

Every batch mixes clouds of the relatives with clouds of the kind that the prior was trained on (replay), and the
training ends when the errors on held-out clouds of that kind show that it forgets. In place it may: one specimen in one
orientation is all that such a prior is for, and one that also expects something else is less of a help.
"""

import copy
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.training.batches import Batch, draw_clouds, draw_noise_levels
from pointprior.priors.training.checkpoints import TrainingState, fingerprint
from pointprior.priors.training.loop import Loss, take_step
from pointprior.priors.training_set import TrainingSet
from pointprior.runtime.seeding import numpy_generator, torch_generator

LEVELS = (0.05, 0.1, 0.2, 0.5)  # noise levels t of the checks, where a prior of clouds in the cube has something to say
CHECKED = 16  # clouds of each set that a check takes


@dataclass(frozen=True)
class Check:
    """Where a refinement stands: errors relative to the best linear denoiser of a point, by noise level t.

    Attributes
    ----------
    step : int
        Optimiser steps done.
    relatives, general : dict of float to float
        Denoising errors on fits of the relatives and on general clouds, neither of which is trained on.
    """

    step: int
    relatives: dict[float, float]
    general: dict[float, float]

    def forgets(self, first: "Check", tolerance: float) -> bool:
        """Whether errors on general clouds have grown by more than the tolerance, averaged over noise levels."""
        growth = [self.general[level] / first.general[level] - 1 for level in LEVELS]
        return float(np.mean(growth)) > tolerance


@dataclass(frozen=True)
class Refined:
    """A refined prior and how it came about.

    Attributes
    ----------
    denoiser : Denoiser
        Averaged weights at the last check that showed no forgetting.
    checks : list of Check
        All checks; the first is of the prior as it was.
    kept : Check
        The check at which the weights were taken.
    ended : str
        Why it ended: "steps", "time" or "forgetting".
    """

    denoiser: Denoiser
    checks: list[Check]
    kept: Check
    ended: str


def refine(
    initial: Denoiser,
    relatives: TrainingSet,
    general: TrainingSet,
    settings: Refinement,
    *,
    seed: int = 0,
    seconds: float | int = float("inf"),
    checkpoint: str | os.PathLike | None = None,
    report: Callable[[Check], None] = lambda check: None,
    progress: Callable[[int], None] = lambda step: None,
    clock: Callable[[], float] = time.monotonic,
) -> Refined:
    """Refine a prior on clouds of relatives.

    Parameters
    ----------
    initial : Denoiser
        The prior to start from; it is left as it is.
    relatives, general : TrainingSet
        Clouds of relatives, and clouds of the kind that the prior was trained on. Those held out are for the checks.
    settings : Refinement
        How to train, and when to stop.
    seed : int
        Of all draws.
    seconds : float
        Time after which no further step is taken. With a limit that ends it, the result depends on the machine.
    checkpoint : path, optional
        File to go on from, if it is of the same refinement, and to save to at every check that is passed.
    report : callable
        Called with every check.
    progress : callable
        Called with the number of steps done, after each.
    clock : callable
        Tells seconds.

    Raises
    ------
    ValueError
        If one of the sets has nothing to learn from or nothing to check with.
    """
    for name, clouds in (("relatives", relatives), ("general clouds", general)):
        if clouds.held_out.all() or not clouds.held_out.any():
            raise ValueError(f"a refinement needs {name} to learn from and others, held out, to check with")
    began, plan, state = clock(), settings.plan, TrainingState.start(initial.spec, seed=seed, initial=initial)
    checks = [_check(0, state, relatives, general)]
    report(checks[0])
    run = _fingerprint(initial, relatives, general, settings, seed)
    first = 0 if checkpoint is None else state.load(checkpoint, run=run)
    if first:
        checks.append(_check(first, state, relatives, general))
        report(checks[-1])
    loss, kept, weights, ended = Loss(state.model), checks[-1], copy.deepcopy(state.average), "steps"
    for step in range(first, settings.steps):
        if clock() - began > seconds:
            ended = "time"
            break
        take_step(loss, state.optimiser, plan, step, _draw(relatives, general, settings, seed, step))
        state.update_average(plan.ema_decay_at(step))
        progress(step + 1)
        if (step + 1) % settings.check_every and step + 1 < settings.steps:
            continue
        checks.append(_check(step + 1, state, relatives, general))
        report(checks[-1])
        if not settings.in_place and checks[-1].forgets(checks[0], settings.tolerance):
            ended = "forgetting"
            break
        kept, weights = checks[-1], copy.deepcopy(state.average)
        if checkpoint is not None:
            state.save(checkpoint, step=step + 1, run=run)
    state.average = weights
    return Refined(state.averaged(), checks, kept, ended)


def _fingerprint(
    initial: Denoiser, relatives: TrainingSet, general: TrainingSet, settings: Refinement, seed: int
) -> str:
    """Identifies a refinement's checkpoints; more steps are the same refinement."""
    points = np.concatenate([clouds.points.reshape(-1, 1, 3) for clouds in (relatives, general)])
    one_step = replace(settings, steps=1)
    rest = hashlib.sha256(json.dumps(asdict(one_step), sort_keys=True).encode()).hexdigest()
    return fingerprint(initial.spec, one_step.plan, points, seed=seed, initial=initial) + rest


def _draw(relatives: TrainingSet, general: TrainingSet, settings: Refinement, seed: int, step: int) -> Batch:
    """A batch: its share of relatives, whose structures count alike, then of general clouds."""
    stage, generator = settings.plan.stages[0], numpy_generator(seed, "refinement", step)
    from_general = int(generator.binomial(settings.batch, settings.share_replayed))
    turned = settings.plan.augmentation
    parts = (
        (relatives, settings.batch - from_general, "none" if settings.in_place else turned),
        (general, from_general, turned),
    )
    drawn = []
    for clouds, batch, augmentation in parts:
        if batch:
            own = ~clouds.held_out
            of_set = clouds.points[own], clouds.groups[own], replace(stage, batch=batch), augmentation, generator
            drawn.append(draw_clouds(*of_set, counts=clouds.counts[own]))
    points = min(part.shape[1] for part in drawn)
    clean = torch.cat([part[:, :points] for part in drawn])
    noise = torch_generator(seed, "refinement noise", step)
    t = draw_noise_levels(stage, len(clean), noise)
    return Batch(clean, t, torch.randn(clean.shape, generator=noise))


def _check(step: int, state: TrainingState, relatives: TrainingSet, general: TrainingSet) -> Check:
    denoiser = copy.deepcopy(state.model)
    denoiser.load_state_dict(state.average)
    errors = [denoising_error(denoiser.eval(), _checked(clouds), levels=LEVELS) for clouds in (relatives, general)]
    return Check(step, *errors)


def _checked(clouds: TrainingSet) -> Float[np.ndarray, "n N 3"]:
    """Held-out clouds of a set, evenly over it."""
    held_out = np.flatnonzero(clouds.held_out)
    chosen = np.linspace(0, len(held_out) - 1, min(len(held_out), CHECKED)).round().astype(int)
    return clouds.of_one_size(held_out[chosen])
