"""Training sets: shards of coarse-grained structures joined, or shapes of an archive."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float

from pointprior.priors.training.plan import Packing
from pointprior.priors.training_set import TrainingSet, is_held_out
from pointprior.shapes.clouds import ShapeSet
from pointprior.structures.shards import Shard


class TooManyFailuresError(RuntimeError):
    """More training structures failed than the configuration allows."""


def pack(
    shards: Sequence[Shard],
    clusters: Mapping[str, str],
    chosen: Packing,
) -> tuple[TrainingSet, pd.DataFrame]:
    """Join shards into a training set.

    Parameters
    ----------
    shards : sequence of Shard
        Coarse-grained structures.
    clusters : mapping of str to str
        Cluster of related structures, by entry.
    chosen : Packing
        What share of the structures may be missing, and which clusters are held out.

    Returns
    -------
    data : TrainingSet
        All clouds.
    failures : DataFrame
        Structures that are missing (columns `entry`, `reason`).

    Raises
    ------
    TooManyFailuresError
        If more than `chosen.max_failed` of the structures are missing; names the first of them and its reason.
    """
    failures = {entry: reason for shard in shards for entry, reason in shard.failures.items()}
    entries = np.concatenate([shard.entries for shard in shards])
    total = sum("/" not in entry for entry in entries) + len(failures)
    if len(failures) > chosen.max_failed * total:
        first, reason = next(iter(failures.items()))
        raise TooManyFailuresError(
            f"{len(failures)} of {total} training structures failed, {chosen.max_failed:.1%} may; "
            f"the first is {first}: {reason}"
        )
    cluster = [clusters[entry.partition("/")[0]] for entry in entries]
    held_out = np.array([is_held_out(name, chosen.validation_one_in) for name in cluster], dtype=bool)
    # further fits and parts are there to learn from; validation takes the structures as they are, each once
    kept = ~(held_out & np.array(["/" in entry for entry in entries], dtype=bool))
    points = np.concatenate([shard.points for shard in shards])
    groups = np.unique(cluster, return_inverse=True)[1]
    table = pd.DataFrame({"entry": list(failures), "reason": list(failures.values())})
    return TrainingSet(points[kept], groups[kept], entries[kept], held_out[kept]), table


def pack_shapes(training: ShapeSet | None, validation: ShapeSet) -> tuple[TrainingSet, pd.DataFrame]:
    """Join shapes to learn from and shapes to validate on; each is a group of its own.

    Parameters
    ----------
    training : ShapeSet or None
        Shapes to learn from; None: the set serves for comparison only.
    validation : ShapeSet
        Shapes that are held out.

    Returns
    -------
    data : TrainingSet
        All shapes with all their points.
    failures : DataFrame
        Shapes that have too few points (columns `entry`, `reason`).
    """
    sets = [validation] if training is None else [training, validation]
    entries = np.array([shape for shapes in sets for shape in shapes.ids])
    held_out = np.arange(len(entries)) >= len(entries) - len(validation.ids)
    data = TrainingSet(
        _joined([shapes.points for shapes in sets]),
        np.arange(len(entries)),
        entries,
        held_out,
        np.concatenate([shapes.counts for shapes in sets]),
    )
    short = [shape for shapes in sets for shape in shapes.short]
    return data, pd.DataFrame({"entry": short, "reason": "too few points"}, columns=["entry", "reason"])


def compared_with(data: TrainingSet, references: TrainingSet) -> TrainingSet:
    """The clouds that a prior learnt from, with others in place of those held out."""
    kept = ~data.held_out
    points = _joined([data.points[kept], references.points])
    groups = np.concatenate([data.groups[kept], data.groups.max(initial=-1) + 1 + references.groups])
    entries = np.concatenate([data.entries[kept], references.entries])
    counts = np.concatenate([data.counts[kept], references.counts])
    return TrainingSet(points, groups, entries, np.arange(len(entries)) >= kept.sum(), counts)


def _joined(sets: Sequence[Float[np.ndarray, "_ _ 3"]]) -> Float[np.ndarray, "n N_max 3"]:
    """Clouds of several arrays in one, padded with zeros."""
    longest = max(points.shape[1] for points in sets)
    return np.concatenate([np.pad(points, ((0, 0), (0, longest - points.shape[1]), (0, 0))) for points in sets])
