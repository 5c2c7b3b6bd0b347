"""The clouds a prior is trained on: worked in shards that can be interrupted, packed into one array."""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int, Shaped

from pointprior.clouds import DegenerateCloudError
from pointprior.runtime.files import written_whole
from pointprior.runtime.seeding import numpy_generator
from pointprior.structures.archive import ArchiveError, NoSuchEntryError, fetch
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import TooFewAtomsError, fit_mixture, to_cloud
from pointprior.structures.subassemblies import draw_part
from pointprior.structures.unpacking import StructureError

# another attempt would fail in the same way
UNUSABLE = (NoSuchEntryError, StructureError, TooFewAtomsError, DegenerateCloudError)


class TooManyFailuresError(RuntimeError):
    """More training structures failed than the configuration allows."""


@dataclass(frozen=True)
class Shard:
    """Some coarse-grained structures, and why others are missing.

    Attributes
    ----------
    entries : ndarray, shape=(n,), dtype=str
        Ids of the structures; of their further fits and parts, `id/fit1` and `id/part1`.
    points : ndarray, shape=(n, N, 3), dtype=float32
        Their clouds, in units of the cube.
    failures : dict of str to str
        Reasons, by id, of the structures that are no cloud.
    """

    entries: Shaped[np.ndarray, " n"]
    points: Float[np.ndarray, "n N 3"]
    failures: dict[str, str]

    def save(self, path: str | os.PathLike) -> None:
        """Write the shard as a compressed .npz, whole or not at all."""
        with written_whole(path) as temporary:
            np.savez_compressed(
                temporary, entries=self.entries, points=self.points, failures=np.array(json.dumps(self.failures))
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Shard":
        """Read a shard that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["entries"], stored["points"], json.loads(str(stored["failures"])))


@dataclass(frozen=True)
class TrainingSet:
    """All clouds of a training set.

    Attributes
    ----------
    points : ndarray, shape=(n, N, 3), dtype=float32
        Clouds, in units of the cube.
    groups : ndarray, shape=(n,), dtype=int
        Number of each cloud's cluster of related structures.
    entries : ndarray, shape=(n,), dtype=str
        Ids of the structures.
    held_out : ndarray, shape=(n,), dtype=bool
        Whether a cloud's cluster is kept for validation; such clouds are not trained on.
    """

    points: Float[np.ndarray, "n N 3"]
    groups: Int[np.ndarray, " n"]
    entries: Shaped[np.ndarray, " n"]
    held_out: Bool[np.ndarray, " n"]

    def save(self, path: str | os.PathLike) -> None:
        """Write the set as an .npz, whole or not at all."""
        with written_whole(path) as temporary:
            np.savez(temporary, points=self.points, groups=self.groups, entries=self.entries, held_out=self.held_out)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "TrainingSet":
        """Read a set that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["points"], stored["groups"], stored["entries"], stored["held_out"])


def work_shard(
    entries: Sequence[str],
    *,
    keep: str | os.PathLike,  # folder for finished clouds, until the shard is whole
    mirrors: Sequence[str],
    download: bool,
    assembly: str | None = None,
    fits: int = 1,  # mixtures of each structure, each from a start of its own
    parts: int = 0,  # connected sets of chains that each structure also lends, where it can
    seed: int = 0,  # of the mixtures and of the parts drawn
    components: int = 1024,
    **mixture,  # what else `fit_mixture` takes
) -> Shard:
    """Coarse-grain structures one after the other; what an interrupted run has finished is not done again.

    Structures that are unusable are listed; a source that cannot be reached stops the shard with its error. Further
    fits of `1abc` are called `1abc/fit1`, `1abc/fit2`..., and its parts `1abc/part1`...; a structure of one chain, or
    too small, has no parts.
    """
    settings = json.dumps([list(entries), assembly, fits, parts, seed, components, mixture], sort_keys=True)
    folder = Path(keep) / f"shard-{hashlib.sha256(settings.encode()).hexdigest()[:16]}"
    clouds, failures = {}, {}
    for entry in entries:
        finished = folder / f"{entry}.npz"
        try:
            if not finished.exists():
                atoms = _atoms(entry, mirrors, download, assembly, components)
                drawn = {f"/fit{k}" if k else "": (atoms, seed + k) for k in range(fits)}
                further = _parts(entry, atoms, parts, seed, components)
                drawn |= {f"/part{k}": (part, seed) for k, part in enumerate(further, start=1)}
                made = {
                    entry + name: _cloud(some, entry, components=components, seed=start, **mixture)
                    for name, (some, start) in drawn.items()
                }
                with written_whole(finished) as temporary:
                    np.savez(temporary, entries=np.array(list(made)), points=np.stack(list(made.values())))
            with np.load(finished, allow_pickle=False) as stored:
                clouds |= dict(zip(stored["entries"].tolist(), stored["points"], strict=True))
            logging.info("%s: done (%d of %d)", entry, len(clouds) + len(failures), len(entries))
        except (ArchiveError, *UNUSABLE) as problem:
            if not isinstance(problem, UNUSABLE) and not isinstance(problem.__cause__, StructureError):
                raise  # no answer, rather than a bad one: the next attempt may do better
            logging.warning("%s: left out: %s", entry, problem)
            failures[entry] = str(problem)
    points = np.stack(list(clouds.values())) if clouds else np.zeros((0, components, 3), dtype=np.float32)
    shutil.rmtree(folder, ignore_errors=True)
    return Shard(np.array(list(clouds), dtype=str), points, failures)


def pack(
    shards: Sequence[Shard],
    clusters: Mapping[str, str],  # cluster of related structures, by entry
    max_failed: float,  # largest share of all structures that may be missing
    validation_one_in: int = 0,  # one cluster in so many is held out; 0: none
) -> tuple[TrainingSet, pd.DataFrame]:
    """Join shards; give the set and a table of the failures.

    Raises
    ------
    TooManyFailuresError
        If more than `max_failed` of the structures are missing; names the first of them and its reason.
    """
    failures = {entry: reason for shard in shards for entry, reason in shard.failures.items()}
    entries = np.concatenate([shard.entries for shard in shards])
    total = sum("/" not in entry for entry in entries) + len(failures)
    if len(failures) > max_failed * total:
        first, reason = next(iter(failures.items()))
        raise TooManyFailuresError(
            f"{len(failures)} of {total} training structures failed, {max_failed:.1%} may; "
            f"the first is {first}: {reason}"
        )
    cluster = [clusters[entry.partition("/")[0]] for entry in entries]
    held_out = np.array([is_held_out(name, validation_one_in) for name in cluster], dtype=bool)
    # further fits and parts are there to learn from; what validates are structures as they are, each once
    kept = ~(held_out & np.array(["/" in entry for entry in entries], dtype=bool))
    points, groups = np.concatenate([shard.points for shard in shards]), np.unique(cluster, return_inverse=True)[1]
    table = pd.DataFrame({"entry": list(failures), "reason": list(failures.values())})
    return TrainingSet(points[kept], groups[kept], entries[kept], held_out[kept]), table


def is_held_out(cluster: str, one_in: int) -> bool:
    """Whether a cluster is kept for validation: a matter of its name alone, so that a longer list moves none."""
    return one_in > 0 and int(hashlib.sha256(cluster.encode()).hexdigest(), 16) % one_in == 0


def _parts(entry, atoms, count, seed, components):
    """Drawn connected parts of a structure, each with its share of the atoms."""
    masks = [
        draw_part(atoms.xyz, atoms.chain, least=components, generator=numpy_generator(seed, entry, "part", k))
        for k in range(count)
    ]
    return [atoms.chosen(mask) for mask in masks if mask is not None]


def _cloud(atoms, entry, **mixture):
    return to_cloud(fit_mixture(atoms.xyz, name=entry, **mixture), atoms.chain).points


def _atoms(entry, mirrors, download, assembly, components):
    """Heavy atoms of an entry, whose deposit is not kept; of assembly 1 if the deposited ones are too few."""
    with TemporaryDirectory() as folder:
        deposit = Path(folder) / f"{entry}.cif.gz"
        fetch(entry, deposit, mirrors=mirrors, download=download)
        atoms = read_atoms(deposit, assembly=assembly)
        if assembly is None and len(atoms) < components:
            with suppress(StructureError):  # no assembly 1: the deposited atoms are all there are
                atoms = max(atoms, read_atoms(deposit, assembly="1"), key=len)
        return atoms
