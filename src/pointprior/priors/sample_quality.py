"""A prior's samples, drawn without measurements: against clouds it has not seen, and against its training clouds."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from pointprior.priors.set_metrics import chamfer_matrix, compare_sets
from pointprior.priors.training_set import TrainingSet
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator

Progress = Callable[[int], None]
COARSE_POINTS = 128  # evenly over a cloud's own, by which candidates for its nearest cloud are found
CANDIDATES = 128  # that are compared in full


def compare_with_held_out(
    samples: Float[np.ndarray, "S N 3"],
    data: TrainingSet,
    *,
    augmentation: str,
    seed: int,
    threads: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Rows of Table 3: the samples against as many held-out clouds and, as a yardstick, as many training clouds.

    Both sets are cut to the size of the smaller: of sets that differ in size, 1-NNA is above one half and COV limited
    even where they are of one distribution. Held-out clouds are taken evenly over all.

    Parameters
    ----------
    samples : ndarray, shape=(S, N, 3), dtype=float32
        Clouds that the prior gave (in units of the cube).
    data : TrainingSet
        What it was trained on, and what was held out.
    augmentation : str
        That of the training ("SO3" or "O3"): the references are rotated likewise, since the samples come in any
        orientation.
    seed : int
        Seed of these rotations and of the choice of training clouds.
    threads : int
        Threads to compute distances with.
    progress : callable, optional
        Called with the number of clouds that have been compared with a set.

    Raises
    ------
    ValueError
        If no clouds were held out.
    """
    if not data.held_out.any():
        raise ValueError("no clouds were held out of the training (training.validation_one_in), so nothing to compare")
    generator = numpy_generator(seed, "evaluation")
    held_out = np.flatnonzero(data.held_out)
    samples = samples[: len(held_out)]
    references = _turned(data.of_one_size(evenly(held_out, len(samples))), augmentation, generator)
    training = np.flatnonzero(~data.held_out)
    chosen = training[generator.permutation(len(training))[: len(samples)]]
    sets = {"prior": samples, "training set": _turned(data.of_one_size(chosen), augmentation, generator)}

    def distances(a, b):
        return chamfer_matrix(a, b, threads=threads, progress=progress)

    among_references = distances(references, references)
    rows = []
    for name, clouds in sets.items():
        found = compare_sets(distances(clouds, clouds), among_references, distances(clouds, references))
        rows.append(
            {"set": name, "1-NNA (%)": 100 * found.nna, "COV (%)": 100 * found.cov, "MMD (1e-2)": 100 * found.mmd}
            | {"clouds": len(clouds), "references": len(references)}
        )
    return pd.DataFrame(rows)


def nearest_training_clouds(
    samples: Float[np.ndarray, "S N 3"],
    data: TrainingSet,
    *,
    yardsticks: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Nearest training cloud of every sample and, for comparison, of every held-out cloud: has the prior memorised?

    Clouds are compared on their principal axes, in the best of the four poses that these allow. Samples much
    nearer to the training set than held-out clouds are would be copies. Compared in full are the training clouds that
    are nearest by a few of the points: all would take many times as long.

    Parameters
    ----------
    samples, data, threads, progress
        As of `compare_with_held_out`; progress is counted in poses, seen coarsely and in full.
    yardsticks : int, optional
        Held-out clouds that are looked at, at most, evenly over all; by default as many as there are samples.

    Returns
    -------
    DataFrame
        Columns `set` ("prior", "held out"), `cloud` (its number), `nearest` (entry), `chamfer` (in units of the cube).
    """
    training = data.of_one_size(np.flatnonzero(~data.held_out))
    training = np.stack([principal_poses(cloud)[0] for cloud in training])
    entries = data.entries[~data.held_out]
    held_out = np.flatnonzero(data.held_out)
    chosen = evenly(np.arange(len(held_out)), len(samples) if yardsticks is None else yardsticks)
    numbered = {"prior": (np.arange(len(samples)), samples), "held out": (chosen, data.of_one_size(held_out[chosen]))}
    tables = []
    for name, (numbers, clouds) in numbered.items():
        if not len(clouds):
            continue
        nearest, distance = _nearest(clouds, training, threads=threads, progress=progress)
        tables.append(pd.DataFrame({"set": name, "cloud": numbers, "nearest": entries[nearest], "chamfer": distance}))
    return pd.concat(tables, ignore_index=True)


def _nearest(
    clouds: Float[np.ndarray, "S N 3"],
    training: Float[np.ndarray, "n M 3"],  # on their principal axes
    *,
    threads: int,
    progress: Progress | None,
) -> tuple[Int[np.ndarray, " S"], Float[np.ndarray, " S"]]:
    """Number and Chamfer distance of the nearest training cloud of each, in the best pose."""

    def distances(a, b):
        return chamfer_matrix(a, b, threads=threads, progress=progress)

    poses = np.concatenate([principal_poses(cloud) for cloud in clouds])  # (4 S, N, 3)
    coarse = distances(_coarse(poses), _coarse(training))
    order = coarse.reshape(len(clouds), 4, -1).min(axis=1).argsort(axis=1)[:, :CANDIDATES]
    found = []
    for own, candidates in zip(np.split(poses, len(clouds)), order, strict=True):
        distance = distances(own, training[candidates]).min(axis=0)
        found.append((candidates[distance.argmin()], distance.min()))
    numbers, nearest = zip(*found, strict=True)
    return np.array(numbers), np.array(nearest)


def _coarse(clouds: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "S K 3"]:
    return clouds[:, evenly(np.arange(clouds.shape[1]), COARSE_POINTS)]


def evenly(numbers: Int[np.ndarray, " n"], count: int) -> Int[np.ndarray, " m"]:
    """So many of the numbers, at most, evenly over all.

    Examples
    --------
    >>> evenly(np.arange(10), 4).tolist()
    [0, 3, 6, 9]
    """
    return numbers[np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int)]


def principal_poses(points: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "4 N 3"]:
    """A cloud on its principal axes, longest first, in the four poses that differ by half turns."""
    centred = points - points.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    axes = axes[:, ::-1]
    axes[:, 2] *= np.sign(np.linalg.det(axes))  # a rotation, not a mirror image
    half_turns = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    return (centred @ axes)[None] * half_turns[:, None]


def _turned(clouds, augmentation, generator):
    return clouds @ random_rotations(len(clouds), augmentation, generator).astype(clouds.dtype)
