"""Training structures, coarse-grained in shards: an interrupted shard continues where it stopped."""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from pointprior.clouds import DegenerateCloudError
from pointprior.runtime.files import atomic_write
from pointprior.runtime.seeding import numpy_generator
from pointprior.structures.archive import ArchiveError, NoSuchEntryError, fetch
from pointprior.structures.atoms import Atoms, read_atoms
from pointprior.structures.mixtures import TooFewAtomsError, fit_mixture, to_cloud
from pointprior.structures.recipes import CloudRecipe
from pointprior.structures.subassemblies import draw_part
from pointprior.structures.unpacking import StructureError

# another attempt would fail in the same way
UNUSABLE = (NoSuchEntryError, StructureError, TooFewAtomsError, DegenerateCloudError)


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
        Why a structure has no cloud, by id.
    """

    entries: Shaped[np.ndarray, " n"]
    points: Float[np.ndarray, "n N 3"]
    failures: dict[str, str]

    def save(self, path: str | os.PathLike) -> None:
        """Write the shard as a compressed .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez_compressed(
                temporary, entries=self.entries, points=self.points, failures=np.array(json.dumps(self.failures))
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Shard":
        """Read a shard that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["entries"], stored["points"], json.loads(str(stored["failures"])))


def coarse_grain_shard(
    entries: Sequence[str],
    recipe: CloudRecipe,
    *,
    keep: str | os.PathLike,
    mirrors: Sequence[str],
    download: bool,
) -> Shard:
    """Coarse-grain structures one after the other; what an interrupted run has finished is not done again.

    Structures that are unusable are listed. Further fits of `1abc` are called `1abc/fit1`, `1abc/fit2`..., and its
    parts `1abc/part1`...; a structure of one chain, or too small, has no parts.

    Parameters
    ----------
    entries : sequence of str
        Ids of the structures.
    recipe : CloudRecipe
        What becomes of each.
    keep : path
        Folder for finished clouds, until the shard is whole.
    mirrors, download
        Where coordinates come from, as of `archive.fetch`.

    Raises
    ------
    ArchiveError
        If a source cannot be reached: that says nothing of the structure.
    """
    folder = Path(keep) / f"shard-{_fingerprint(entries, recipe)}"
    clouds: dict[str, Any] = {}
    failures: dict[str, str] = {}
    for entry in entries:
        finished = folder / f"{entry}.npz"
        try:
            if not finished.exists():
                atoms = entry_atoms(entry, mirrors, download, recipe)
                _save_clouds(finished, clouds_of(entry, atoms, recipe))
            with np.load(finished, allow_pickle=False) as stored:
                clouds |= dict(zip(stored["entries"].tolist(), stored["points"], strict=True))
            logging.info("%s: done (%d of %d)", entry, len(clouds) + len(failures), len(entries))
        except (ArchiveError, *UNUSABLE) as problem:
            if not isinstance(problem, UNUSABLE) and not isinstance(problem.__cause__, StructureError):
                raise  # no answer, rather than a bad one: the next attempt may do better
            logging.warning("%s: left out: %s", entry, problem)
            failures[entry] = str(problem)
    points = np.stack(list(clouds.values())) if clouds else np.zeros((0, recipe.components, 3), dtype=np.float32)
    shutil.rmtree(folder, ignore_errors=True)
    return Shard(np.array(list(clouds), dtype=str), points, failures)


def _fingerprint(entries: Sequence[str], recipe: CloudRecipe) -> str:
    """What finished clouds belong to."""
    settings = json.dumps([list(entries), asdict(recipe)], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


def _save_clouds(path: Path, clouds: dict[str, np.ndarray]) -> None:
    with atomic_write(path) as temporary:
        np.savez(temporary, entries=np.array(list(clouds)), points=np.stack(list(clouds.values())))


def clouds_of(entry: str, atoms: Atoms, recipe: CloudRecipe) -> dict[str, np.ndarray]:
    """A structure's clouds by name: its fits, then those of its parts."""
    drawn = {f"/fit{k}" if k else "": (atoms, recipe.seed + k) for k in range(recipe.fits)}
    drawn |= {f"/part{k}": (part, recipe.seed) for k, part in enumerate(_parts(entry, atoms, recipe), start=1)}
    return {entry + name: _cloud(entry, some, recipe, seed) for name, (some, seed) in drawn.items()}


def _parts(entry: str, atoms: Atoms, recipe: CloudRecipe) -> list[Atoms]:
    """Drawn connected parts of a structure, each with its share of the atoms."""
    masks = [
        draw_part(
            atoms.xyz,
            atoms.chain,
            least=recipe.components,
            generator=numpy_generator(recipe.seed, entry, "part", k),
        )
        for k in range(recipe.sub_assemblies)
    ]
    return [atoms.chosen(mask) for mask in masks if mask is not None]


def _cloud(entry: str, atoms: Atoms, recipe: CloudRecipe, seed: int) -> Float[np.ndarray, "N 3"]:
    mixture = fit_mixture(atoms.xyz, components=recipe.components, fit=recipe.fit, seed=seed, name=entry)
    return to_cloud(mixture, atoms.chain).points


def entry_atoms(entry: str, mirrors: Sequence[str], download: bool, recipe: CloudRecipe) -> Atoms:
    """Heavy atoms of an entry, whose deposit is not kept; of assembly 1 if the deposited ones are too few."""
    with TemporaryDirectory() as folder:
        deposit = Path(folder) / f"{entry}.cif.gz"
        fetch(entry, deposit, mirrors=mirrors, download=download)
        atoms = read_atoms(deposit, assembly=recipe.assembly)
        if recipe.assembly is None and len(atoms) < recipe.components:
            with suppress(StructureError):  # no assembly 1: the deposited atoms are all there are
                atoms = max(atoms, read_atoms(deposit, assembly="1"), key=len)
        return atoms
