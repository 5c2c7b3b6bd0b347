"""Reconstructions as multi-model mmCIF and PDB files.

The points of a reconstruction are pseudo-atoms: each stands for the heavy atoms around it, none for a
C-alpha. They are written in the deposit's own frame, so that models and deposit overlay as they are.
"""

import itertools
import os
import string
import textwrap
from collections.abc import Sequence
from pathlib import Path

import gemmi
import numpy as np
from jaxtyping import Float, Shaped

from pointprior.clouds import PointCloud
from pointprior.measurements.matching import partners
from pointprior.output.frames import FRAMES, Frame
from pointprior.runtime.files import atomic_write
from pointprior.scoring.ensembles import Ensemble

RESIDUE = "UNX"  # the wwPDB's component for an unknown atom; its only atom has the same name
ELEMENT = gemmi.Element("C")  # not X: viewers hide or cannot size an unknown element
LARGEST_PDB_B = 999.0  # the PDB format's column holds 6 characters, two decimals


def b_factor(rmsf: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Isotropic B (in Å²) of points that fluctuate by `rmsf` (in Å): 8π²/3 · RMSF².

    Examples
    --------
    >>> b_factor(np.array([0.0, 1.0])).round(2).tolist()
    [0.0, 26.32]
    """
    return 8 * np.pi**2 / 3 * rmsf**2


def write_models(
    path: str | os.PathLike,
    ensemble: Ensemble,
    cloud: PointCloud,
    *,
    entry: str,  # id of the deposit, such as "6fvt"
    method: str,  # what made the points, such as "dps"
    title: str,
    frame: Frame = FRAMES["deposit"],
) -> None:
    """Write samples as the models of one mmCIF (.cif) or PDB (.pdb) file, in the deposit's frame or another.

    Point j is the same point in every model and has residue number j + 1. Its B factor is 8π²/3 of its
    squared fluctuation over the samples (at most 999 in a PDB file).

    Parameters
    ----------
    path : path
        File to write; its suffix chooses the format.
    ensemble : Ensemble
        Samples in this frame, matched to their medoid.
    cloud : PointCloud
        The true cloud in this frame, whose points lend their chains.
    frame : Frame
        What the coordinates mean.
    """
    chain = _chains(ensemble.points[ensemble.medoid], cloud)
    remarks = _remarks(ensemble, cloud, frame, entry=entry, method=method)
    write_points(path, ensemble, chain, name=f"{entry}_{method}", title=title, remarks=remarks)


def write_points(
    path: str | os.PathLike,
    ensemble: Ensemble,
    chain: Shaped[np.ndarray, " N"],
    *,
    name: str,
    title: str,
    remarks: Sequence[str],
) -> None:
    """Write models of points with the chains that they belong to, as mmCIF (.cif) or PDB (.pdb).

    Parameters
    ----------
    path : path
        File to write; its suffix chooses the format.
    ensemble : Ensemble
        Points of all models; in each the same.
    chain : ndarray, shape=(N,), dtype=str
        Chain of every point.
    name, title : str
        What the file is called inside, and a sentence about it.
    remarks : sequence of str
        What a reader should know.
    """
    path, remarks = Path(path), list(remarks)
    if path.suffix not in (".cif", ".pdb"):
        raise ValueError(f"{path}: models are written as .cif or .pdb")
    if path.suffix == ".pdb":
        short = _short_names(sorted(set(chain.tolist())))
        remarks += [f"Chain {new} is {old} of the deposit." for old, new in short.items() if new != old]
        chain = np.array([short[name] for name in chain.tolist()])
    structure = _structure(ensemble, chain)
    structure.name = name
    structure.info["_struct.title"] = title
    with atomic_write(path) as temporary:
        temporary.write_text(_mmcif(structure, remarks) if path.suffix == ".cif" else _pdb(structure, remarks))


def _remarks(ensemble: Ensemble, cloud: PointCloud, frame: Frame, *, entry: str, method: str) -> list[str]:
    samples, count = ensemble.points.shape[:2]
    lines = [
        f"{samples} reconstruction(s) of {entry} by method {method}, one per model.",
        f"Pseudo-atoms ({count} points), not C-alphas: each stands for {frame.stands_for}.",
        f"Point spacing {cloud.spacing():.1f} {frame.unit} (median distance of {frame.truth} to the nearest).",
        f"Coordinates in the frame of the {frame.of} ({frame.unit}). Residue number = number of a point in all models.",
        f"B factor = 8 pi^2/3 RMSF^2 over the models, matched to the medoid (model {ensemble.medoid + 1}).",
    ]
    if _lends_chains(cloud, count):
        lines.append("Chain: label of the deposit's mixture mean that is matched to the point of the medoid.")
    return lines


def _lends_chains(cloud: PointCloud, count: int) -> bool:
    return len(cloud.points) == count and bool((cloud.chain != "").all())


def _chains(medoid: Float[np.ndarray, "N 3"], cloud: PointCloud) -> Shaped[np.ndarray, " N"]:
    """Chain of every point: that of the true point which optimal matching gives it, else A."""
    if not _lends_chains(cloud, len(medoid)):
        return np.full(len(medoid), "A")
    return cloud.chain[partners(medoid, cloud.to_angstrom())]


def _short_names(names: list[str]) -> dict[str, str]:
    """Chain names of one character, which the PDB format's column holds; of two once those are used up.

    Examples
    --------
    >>> _short_names(["A", "A1", "B1"])
    {'A': 'A', 'A1': 'B', 'B1': 'C'}
    """
    symbols = string.ascii_uppercase + string.ascii_lowercase + string.digits
    kept = {name for name in names if len(name) == 1}
    free = (s for s in [*symbols, *map("".join, itertools.product(symbols, repeat=2))] if s not in kept)
    return {name: name if name in kept else next(free) for name in names}


def _structure(ensemble: Ensemble, chain: Shaped[np.ndarray, " N"]) -> gemmi.Structure:
    """A gemmi structure with one model per sample; points that share a chain are written together."""
    structure = gemmi.Structure()
    b = b_factor(ensemble.rmsf)
    names = sorted(set(chain.tolist()), key=lambda name: (len(name), name))
    for number, coordinates in enumerate(ensemble.points, start=1):
        model = gemmi.Model(number)
        for name in names:
            part = gemmi.Chain(name)
            for j in np.flatnonzero(chain == name):
                part.add_residue(_pseudo_atom(int(j) + 1, coordinates[j], float(b[j]), subchain=name))
            model.add_chain(part)
        structure.add_model(model)
    entity = gemmi.Entity("1")
    entity.entity_type = gemmi.EntityType.NonPolymer
    entity.subchains = names
    structure.entities.append(entity)
    structure.assign_serial_numbers()
    return structure


def _pseudo_atom(number: int, position: Float[np.ndarray, "3"], b: float, *, subchain: str) -> gemmi.Residue:
    residue = gemmi.Residue()
    residue.name, residue.seqid = RESIDUE, gemmi.SeqId(number, " ")
    residue.het_flag, residue.entity_type, residue.entity_id = "H", gemmi.EntityType.NonPolymer, "1"
    residue.subchain = subchain
    atom = gemmi.Atom()
    atom.name, atom.element = RESIDUE, ELEMENT
    atom.pos = gemmi.Position(*position.round(3).tolist())
    atom.occ, atom.b_iso = 1.0, round(b, 2)
    residue.add_atom(atom)
    return residue


def _mmcif(structure: gemmi.Structure, remarks: list[str]) -> str:
    groups = gemmi.MmcifOutputGroups(False)
    for group in ("block_name", "entry", "title_keywords", "entity", "chem_comp", "struct_asym", "atoms", "group_pdb"):
        setattr(groups, group, True)
    document = structure.make_mmcif_document(groups)
    block = document.sole_block()
    block.find_mmcif_category("_entity.").erase()
    entity = block.init_mmcif_loop("_entity.", ["id", "type", "pdbx_description"])
    entity.add_row(["1", "non-polymer", gemmi.cif.quote("pseudo-atoms, not C-alphas")])
    remark = block.init_mmcif_loop("_pdbx_database_remark.", ["id", "text"])
    remark.add_row(["6", gemmi.cif.quote("\n".join(remarks))])
    return "".join(f"# {line}\n" for line in remarks) + document.as_string()


def _pdb(structure: gemmi.Structure, remarks: list[str]) -> str:
    for model in structure:
        for chain in model:
            for residue in chain:
                residue[0].b_iso = min(residue[0].b_iso, LARGEST_PDB_B)
    wrapped = [piece for line in remarks for piece in textwrap.wrap(line, width=69)]
    structure.raw_remarks = ["REMARK   6", *(f"REMARK   6 {line}" for line in wrapped)]
    return structure.make_pdb_string(gemmi.PdbWriteOptions(cryst1_record=False, ter_records=False))
