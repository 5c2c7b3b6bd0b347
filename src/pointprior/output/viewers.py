"""ChimeraX and PyMOL scripts that open a reconstruction: samples, maps and deposit, coloured by spread.

The scripts name files relative to themselves, so that a folder of results can be moved as a whole.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float
from matplotlib.colors import to_rgb

from pointprior.output.models import b_factor
from pointprior.runtime.files import atomic_write

SPREAD_COLOURS = ("#3B4CC0", "#F2C879", "#B40426")  # certain, between, uncertain
IN_MOST = 0.5  # contour of the localisation density: where most samples have matter


@dataclass(frozen=True)
class MapShown:
    """A map that was measured, to be shown with the models.

    Attributes
    ----------
    file : path
        MRC or CCP4 file.
    level : float
        Contour level.
    voxel : ndarray, shape=(3,)
        Size of a voxel (in Å).
    stated : bool
        Whether that is what the file's header says.
    first : ndarray, shape=(3,)
        Position of the first voxel in the models' frame (in Å).
    centre : ndarray, shape=(3,)
        Where the header's frame has the origin of the models' (in Å).
    """

    file: str | os.PathLike
    level: float
    voxel: Float[np.ndarray, "3"]
    stated: bool
    first: Float[np.ndarray, "3"]
    centre: Float[np.ndarray, "3"]


@dataclass(frozen=True)
class StructureShown:
    """A known structure, to be shown where it was brought.

    Attributes
    ----------
    file : path
        mmCIF or PDB file.
    chains : list of str
        Those that are shown; all if empty.
    rotation, shift : ndarray
        Its coordinates x lie at ``x @ rotation + shift`` in the models' frame (in Å).
    """

    file: str | os.PathLike
    chains: list[str]
    rotation: Float[np.ndarray, "3 3"]
    shift: Float[np.ndarray, "3"]

    def matrix(self) -> str:
        """The first three rows of its motion, for coordinates in columns."""
        rows = np.column_stack([self.rotation.T, self.shift])
        return ",".join(f"{value:.6f}" for value in rows.ravel())


@dataclass(frozen=True)
class _View:
    """What a script shows; file names are relative to it."""

    models: str
    deposit: str | None  # a structure file, or the id of an entry that the program should fetch
    deposit_is_file: bool
    deposit_centre: tuple[float, ...] | None  # where it has the origin of the models' frame, if not in its own
    chains: list[str]  # of the deposit; all if empty
    assembly: str | None
    measured: MapShown | None
    homologue: StructureShown | None
    mean: str | None
    level: float | None
    localisation: str | None
    spacing: float  # Å
    largest_b: float  # end of the colour scale, Å²


def write_view(
    path: str | os.PathLike,
    models: str | os.PathLike,
    *,
    spacing: float,  # between neighbouring points (in Å); sets the spheres' size
    deposit: str | os.PathLike | None = None,  # structure file, or an entry's id; not shown if not given
    deposit_centre: Float[np.ndarray, "3"] | None = None,  # where it has the origin of the models' frame (in Å)
    chains: Sequence[str] = (),  # of the deposit that are shown; all by default
    assembly: str | None = None,  # of the deposit
    measured: MapShown | None = None,  # a map that the models were made from
    homologue: StructureShown | None = None,  # a structure like the specimen
    mean: str | os.PathLike | None = None,  # map of the mean density
    level: float | None = None,  # contour level of the mean density, needed with it
    localisation: str | os.PathLike | None = None,  # map of the localisation density
    largest_rmsf: float | None = None,  # fluctuation (in Å) at the end of the colour scale; the spacing if not given
    unit: str = "A",  # of the models' coordinates, of which the program makes Å
) -> None:
    """Write a ChimeraX (.cxc) or PyMOL (.pml) script that shows models, coloured by B factor, maps and deposit.

    Parameters
    ----------
    path : path
        Script to write; its suffix chooses the program.
    models : path
        File that `write_models` wrote. It, the maps and a deposit file are named relative to the script.
    """
    path = Path(path)
    writers = {".cxc": _chimerax, ".pml": _pymol}
    if path.suffix not in writers:
        raise ValueError(f"{path}: views are written as .cxc (ChimeraX) or .pml (PyMOL)")
    if mean is not None and level is None:
        raise ValueError(f"{path}: the mean density needs a contour level")
    largest_rmsf = spacing if largest_rmsf is None else largest_rmsf
    largest = float(b_factor(np.array([largest_rmsf]))[0])
    mean_file, localisation_file = (None if file is None else _beside(path, file) for file in (mean, localisation))
    is_file = deposit is not None and _is_file_name(deposit)
    view = _View(
        models=_beside(path, models),
        deposit=None if deposit is None else _beside(path, deposit) if is_file else str(deposit),
        deposit_is_file=is_file,
        deposit_centre=None if deposit_centre is None or not np.any(deposit_centre) else tuple(deposit_centre),
        chains=list(chains),
        assembly=assembly,
        measured=None if measured is None else replace(measured, file=_beside(path, measured.file)),
        homologue=None if homologue is None else replace(homologue, file=_beside(path, homologue.file)),
        mean=mean_file,
        level=level,
        localisation=localisation_file,
        spacing=spacing,
        largest_b=largest,
    )
    where = ", in the frame of the deposit (grey)" if deposit is not None and deposit_centre is None else ""
    lines = [
        "# Pseudo-atoms of reconstructions, one model per sample, coloured by their fluctuation over the samples",
        f"# (blue: none, red: RMSF of {largest_rmsf:.1f} {unit} or more){where}.",
        *writers[path.suffix](view),
    ]
    with atomic_write(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n")


def _is_file_name(deposit: str | os.PathLike) -> bool:
    return not isinstance(deposit, str) or "." in deposit or os.sep in deposit


def _beside(script: Path, target: str | os.PathLike) -> str:
    """Name of `target` as seen from the script's folder."""
    return Path(os.path.relpath(target, script.parent)).as_posix()


def _chimerax(view: _View) -> list[str]:
    """Commands for ChimeraX, which runs a script in its own folder: #1 models, #2 deposit, #3 and #4 maps."""
    lines = [
        "set bgColor white",
        f'open "{view.models}" id 1',
        "show #1 atoms",
        "style #1 sphere",
        f"size #1 atomRadius {view.spacing / 4:.2f}",
        f"color byattribute bfactor #1 palette {':'.join(SPREAD_COLOURS)} range 0,{view.largest_b:.1f}",
    ]
    if view.deposit:
        lines += [
            f'open "{view.deposit}" id 2' if view.deposit_is_file else f"open {view.deposit} fromDatabase pdb id 2",
            *([f"sym #2 assembly {view.assembly}"] if view.assembly else []),
            *([f"view matrix models #2,{_translation(view.deposit_centre)}"] if view.deposit_centre else []),
            "hide #2 target ac",
            f"cartoon #2{'/' + ','.join(view.chains) if view.chains else ''}",
            "color #2 #9a9a9a",
            "transparency #2 50 target c",
        ]
    if view.mean:
        lines += [
            "# mean density, its surface in the colours of the points behind it",
            f'open "{view.mean}" id 3',
            f"volume #3 style surface level {view.level:.4g}",
            f"color zone #3 near #1 distance {2 * view.spacing:.1f}",
            "transparency #3 65",
        ]
    if view.localisation:
        lines += [
            f"# what more than {IN_MOST:.0%} of the samples occupy; `show #4 models` shows it",
            f'open "{view.localisation}" id 4',
            f"volume #4 style mesh level {IN_MOST} color #444444",
            "hide #4 models",
        ]
    if view.measured:
        lines += _chimerax_measured(view.measured)
    if view.homologue:
        lines += _chimerax_homologue(view.homologue)
    return [*lines, "lighting soft", "graphics silhouettes true", "view"]


def _chimerax_measured(measured: MapShown) -> list[str]:
    """The measured map as #5, moved into the models' frame."""
    voxel, index = (
        ",".join(f"{value:.6g}" for value in each) for each in (measured.voxel, -measured.first / measured.voxel)
    )
    return [
        "# the map that was measured",
        f'open "{measured.file}" id 5',
        f"volume #5 voxelSize {voxel} originIndex {index}",
        f"volume #5 style mesh level {measured.level:.4g} color #1b7f5f",
    ]


def _chimerax_homologue(homologue: StructureShown) -> list[str]:
    """The homologue as #6, where it was brought."""
    return [
        "# the homologue, brought to where it explains what was measured",
        f'open "{homologue.file}" id 6',
        f"view matrix models #6,{homologue.matrix()}",
        "hide #6 target ac",
        f"cartoon #6{'/' + ','.join(homologue.chains) if homologue.chains else ''}",
        "color #6 #c9a227",
    ]


def _commas(values: Float[np.ndarray, "3"]) -> str:
    return ",".join(f"{value:.6g}" for value in values)


def _translation(centre: Sequence[float]) -> str:
    """The first three rows of the matrix that brings a centre to the origin."""
    x, y, z = (f"{-value:.4f}" for value in centre)
    return f"1,0,0,{x},0,1,0,{y},0,0,1,{z}"


def _pymol(view: _View) -> list[str]:
    """Commands for PyMOL."""
    names = [f"spread_{i}" for i in range(len(SPREAD_COLOURS))]
    lines = [
        "# Start PyMOL in this folder: it looks for the files from where it was started.",
        "bg_color white",
        f"load {view.models}, models",
        "as spheres, models",
        f"alter models, vdw={view.spacing / 4:.2f}",
        "rebuild",
        "set all_states, on, models",
        *(
            f"set_color {name}, [{', '.join(f'{c:.3f}' for c in to_rgb(colour))}]"
            for name, colour in zip(names, SPREAD_COLOURS, strict=True)
        ),
        f"spectrum b, {' '.join(names)}, models, minimum=0, maximum={view.largest_b:.1f}",
    ]
    if view.deposit:
        lines += _pymol_deposit(view)
    lines += _pymol_maps(view)
    if view.measured:
        lines += _pymol_measured(view.measured)
    if view.homologue:
        lines += _pymol_homologue(view.homologue)
    return [*lines, "orient"]


def _pymol_deposit(view: _View) -> list[str]:
    """The deposit as a grey cartoon, in its assembly if one is named."""
    shown = f"deposit and chain {'+'.join(view.chains)}" if view.chains else "deposit"
    return [
        *([f"set assembly, {view.assembly}"] if view.assembly else []),
        f"load {view.deposit}, deposit" if view.deposit_is_file else f"fetch {view.deposit}, deposit, async=0",
        *([_pymol_moved("deposit", view.deposit_centre)] if view.deposit_centre else []),
        "hide everything, deposit",
        f"show cartoon, {shown}",
        "color grey60, deposit",
        "set cartoon_transparency, 0.5, deposit",
        *(["set all_states, on, deposit"] if view.assembly else []),
    ]


def _pymol_maps(view: _View) -> list[str]:
    """The maps that are given, contoured."""
    lines = []
    if view.mean:
        lines += [
            "set normalize_ccp4_maps, 0",
            f"load {view.mean}, mean_density",
            f"isosurface mean_surface, mean_density, {view.level:.4g}",
            "color grey80, mean_surface",
            "set transparency, 0.65, mean_surface",
        ]
    if view.localisation:
        lines += [
            f"# what more than {IN_MOST:.0%} of the samples occupy; `enable localisation_mesh` shows it",
            "set normalize_ccp4_maps, 0",
            f"load {view.localisation}, localisation",
            f"isomesh localisation_mesh, localisation, {IN_MOST}",
            "color grey30, localisation_mesh",
            "disable localisation_mesh",
        ]
    return lines


def _pymol_measured(measured: MapShown) -> list[str]:
    """The measured map, moved into the models' frame; PyMOL believes the header's voxel size."""
    if not measured.stated:
        return ["# The map that was measured is not shown: its header does not state the voxel size that was given."]
    return [
        "set normalize_ccp4_maps, 0",
        f"load {measured.file}, measured_map",
        _pymol_moved("measured_map", measured.centre),
        f"isomesh measured_mesh, measured_map, {measured.level:.4g}",
        "color forest, measured_mesh",
    ]


def _pymol_homologue(homologue: StructureShown) -> list[str]:
    """The homologue, where it was brought."""
    return [
        f"load {homologue.file}, homologue",
        f"cmd.transform_object('homologue', [{homologue.matrix()},0,0,0,1])",
        "hide everything, homologue",
        f"show cartoon, homologue{' and chain ' + '+'.join(homologue.chains) if homologue.chains else ''}",
        "color olive, homologue",
    ]


def _pymol_moved(name: str, centre: Sequence[float] | Float[np.ndarray, "3"]) -> str:
    """What brings an object's centre to the origin."""
    return f"cmd.transform_object('{name}', [{_translation(tuple(centre))},0,0,0,1])"
