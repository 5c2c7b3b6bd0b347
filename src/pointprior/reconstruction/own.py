"""Reconstruction of one's own specimen by a method of the registry."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood, Pairing
from pointprior.measurements.observations import Observations
from pointprior.measurements.own_data import OwnData
from pointprior.methods import METHODS, Method
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule, Unconditional
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.reconstruction.settings.poses import PoseErrors

WITH_MAP = 300.0  # α where a low-resolution structure is measured (benchmarks/README.md)
SHARING = ("pnp", "ml_regularised")  # methods that gain where points of images are shared among targets
PER_IMAGE, LEAST, MOST = 20_000.0, 40_000.0, 80_000.0  # the paper's α for 3, 4 and 5 projections


def strength(observations: Observations) -> float:
    """Guidance strength α for measurements that nobody tuned it for.

    Examples
    --------
    >>> import numpy as np
    >>> from pointprior.measurements.observations import Observation
    >>> images = [Observation.projection(np.eye(2), np.eye(3))] * 4
    >>> strength(Observations.combine(images, points=2))
    60000.0
    """
    kinds = [observation.kind for observation in observations]
    if "low_resolution" in kinds:
        return WITH_MAP
    return min(MOST, max(LEAST, PER_IMAGE * (len(kinds) - 1)))


def chosen_pairing(observations: Observations, method: str) -> Pairing:
    """How points are best paired with what is measured: as was better on validation clusters (docs/own-data.md).

    Examples
    --------
    >>> import numpy as np
    >>> from pointprior.measurements.observations import Observation
    >>> image, low = Observation.image(np.eye(2), np.eye(3)), Observation.low_resolution(np.eye(3))
    >>> images, beside_a_map = (Observations.combine(seen, points=3) for seen in ([image] * 3, [image, low]))
    >>> chosen_pairing(images, "pnp"), chosen_pairing(images, "dps"), chosen_pairing(beside_a_map, "pnp")
    ('entropic', 'exact', 'exact')
    """
    are_images = {observation.kind for observation in observations} <= {"image", "projection", "homologue"}
    return "entropic" if are_images and method in SHARING else "exact"


def problem_of(
    data: OwnData,
    settings: OwnReconstruction,
    *,
    method: str,
    key: tuple[str | int, ...],  # (seed, name)
    prior: Path | None = None,
    initial: Reconstruction | None = None,
    execution: Execution = Execution(),
    threads: int = 1,
    reading: str = "redrawn",
    likelihood: Likelihood = Likelihood(),
    progress: Callable[[int], Any] | None = None,
) -> Problem:
    """One's own measurements as a problem for a method of the registry."""
    outliers = (settings.outliers or likelihood.outliers) if METHODS[method].holds_points else 0.0
    usual = "mixed" if outliers else chosen_pairing(data.observations, method)
    likelihood = replace(likelihood, pairing=settings.pairing or usual, outliers=outliers)
    if data.measurements.homologue is not None:  # which says less than an image does, the more it deviates
        likelihood = replace(likelihood, weighting="precision")
    problem = Problem(
        Energy(data.observations, reading=reading, likelihood=likelihood, threads=threads),
        key=(*key, method),
        samples=settings.samples,
        alpha=strength(data.observations) if settings.alpha is None else settings.alpha,
        beta=settings.beta,
        steps=settings.steps,
        nfe=Schedule(settings.steps).nfe,
        execution=execution,
        prior=prior,
        initial=initial,
        pose_errors=_pose_errors(settings, data.frame.scale),
    )
    return problem if progress is None else replace(problem, progress=progress)


def _pose_errors(settings: OwnReconstruction, scale: float) -> PoseErrors:
    return PoseErrors(
        settings.refine_angle,
        settings.refine_shift / scale,
        settings.homologue_angle,
        settings.homologue_shift / scale,
    )


def evaluations(method: Method, settings: Any, own: OwnReconstruction) -> int:
    """Steps of all samples that a method's progress will count."""
    if method.name == "dps":
        return own.samples * own.steps
    steps = getattr(settings, "steps", None) or Schedule(own.steps).nfe
    return own.samples * steps


def reconstruct_all(
    data: OwnData,
    own: OwnReconstruction,
    names: list[str],
    *,
    key: tuple[str | int, ...],
    prior: Path | None,
    execution: Execution,
    threads: int,
    progress: Callable[[str, int], Callable[[int], Any]],
) -> dict[str, Reconstruction]:
    """Models by some methods with their default settings, and by those that these begin from.

    Parameters
    ----------
    progress : callable
        Given a method's name and the steps that it will take: what to call with the number of steps done.
    """
    found: dict[str, Reconstruction] = {}

    def make(name: str) -> Reconstruction:
        if name not in found:
            method = METHODS[name]
            settings = method.load_settings()()
            start = getattr(settings, "initial", None)
            initial = None if start is None else make(start)
            problem = problem_of(
                data, own, method=name, key=key, prior=prior, initial=initial, execution=execution, threads=threads
            )
            problem = replace(problem, progress=progress(name, evaluations(method, settings, own)))
            found[name] = method.load().reconstruct(problem, settings)
        return found[name]

    for name in names:
        make(name)
    return found


def unconditional_steps() -> int:
    """Steps of a sample without measurements."""
    return Unconditional().steps


def unconditional(
    prior: Path,
    samples: int,
    points: int,
    *,
    key: tuple[str | int, ...],
    execution: Execution,
    progress: Callable[[int], Any] | None = None,
) -> Reconstruction:
    """Samples of a prior without measurements, to see what models owe to it alone."""
    from pointprior.reconstruction.batches import loaded  # methods without a prior do without
    from pointprior.reconstruction.dps import sample

    return sample(
        loaded(prior, execution),
        None,
        Unconditional(),
        execution=execution,
        key=(*key, "prior"),
        samples=samples,
        points=points,
        progress=progress,
    )
