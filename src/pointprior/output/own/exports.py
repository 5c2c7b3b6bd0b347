"""The files of one method's models: structures, maps, views, spread, images and poses."""

import os
from pathlib import Path
from textwrap import wrap

import pandas as pd

from pointprior.images.writing import write_poses
from pointprior.measurements.own_data import OwnData
from pointprior.output.densities import (
    LABEL,
    DensityMap,
    contour_level,
    localisation_density,
    mean_density,
    write_map,
)
from pointprior.output.frames import FRAMES
from pointprior.output.models import write_models
from pointprior.output.own import SUFFIXES
from pointprior.output.own.results import OwnModels
from pointprior.output.viewers import MapShown, StructureShown, write_view
from pointprior.runtime.files import atomic_write

FRAME = FRAMES["images"]


def write_method(folder: str | os.PathLike, name: str, models: OwnModels) -> list[Path]:
    """Write everything about one method's models into a folder, file by file whole or not at all.

    Parameters
    ----------
    folder : path
        Where; made if need be.
    name : str
        What the specimen is called.
    models : OwnModels
        The models.

    Returns
    -------
    list of Path
        The method's name with every suffix of `SUFFIXES`.
    """
    files = {suffix: Path(folder) / f"{models.method}{suffix}" for suffix in SUFFIXES}
    title = f"{name} reconstructed by {models.method} from its own measurements"
    for suffix in (".cif", ".pdb"):
        write_models(
            files[suffix], models.ensemble, models.cloud, entry=name, method=models.method, title=title, frame=FRAME
        )
    mean = mean_density(models.points, models.resolution)
    write_map(files["_mean.mrc"], mean, _labels(name, models, "Mean density", "Pseudo-atoms per cubic A"))
    share = localisation_density(models.points, models.resolution)
    what = "Share of models with a pseudo-atom within half the resolution"
    write_map(files["_localisation.mrc"], share, _labels(name, models, "Localisation density", what))
    _write_views(files, models, mean)
    _write_table(files["_spread.csv"], models.spread_table())
    _write_table(files["_images.csv"], models.image_table())
    write_poses(files["_poses.star"], models.data.images, *models.poses.mean())
    return list(files.values())


def _labels(name: str, models: OwnModels, kind: str, what: str) -> list[str]:
    """Labels of a map's header."""
    statements = (
        f"{kind} of {len(models.points)} models of {name} by {models.method}",
        what,
        f"Resolution {models.resolution:.1f} A (point spacing {models.spacing:.1f} A); voxels of a third",
        "Frame: images (origin: centre of their boxes); ORIGIN = NSTART x voxel",
    )
    return [line for statement in statements for line in wrap(statement, LABEL)]


def _write_views(files: dict[str, Path], models: OwnModels, mean: DensityMap) -> None:
    """Scripts of both viewers."""
    level, files_read = contour_level(mean, models.points.reshape(-1, 3)), models.data.files
    for suffix in (".cxc", ".pml"):
        write_view(
            files[suffix],
            files[".cif"],
            spacing=models.spacing,
            mean=files["_mean.mrc"],
            level=level,
            localisation=files["_localisation.mrc"],
            deposit=None if files_read.subunit is None else Path(files_read.subunit),
            deposit_centre=models.data.map_centre,
            chains=files_read.subunit_chains.split(",") if files_read.subunit_chains else (),
            measured=_measured_map(models.data),
            homologue=_homologue(models.data),
            unit=FRAME.unit,
        )


def _measured_map(data: OwnData) -> MapShown | None:
    """The map that the models were made from."""
    if data.low_resolution is None:
        return None
    assert data.files.map is not None
    assert data.map_centre is not None
    seen = data.low_resolution
    return MapShown(data.files.map, seen.level, seen.size, data.files.voxel_size is None, seen.origin, data.map_centre)


def _homologue(data: OwnData) -> StructureShown | None:
    """The homologue where it belongs."""
    found, chains = data.measurements.homologue, data.files.homologue_chains
    if found is None:
        return None
    assert data.files.homologue is not None
    return StructureShown(data.files.homologue, chains.split(",") if chains else [], found.rotation, found.shift)


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with atomic_write(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.4f")
