"""Write a method's samples as models, maps and viewer scripts, in the frame of their deposit or archive."""

from textwrap import wrap

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.output.densities import (
    LABEL,
    RESOLVED,
    contour_level,
    localisation_density,
    mean_density,
    read_map,
    write_map,
)
from pointprior.output.frames import FRAMES
from pointprior.output.models import write_models
from pointprior.output.viewers import write_view
from pointprior.reconstruction.result import Reconstruction
from pointprior.scoring.ensembles import match_to_medoid


def labels(*statements):
    """Labels of a map's header; ids of shapes are long."""
    return [line for statement in statements for line in wrap(statement, LABEL)]


def write_all_models(samples, cloud, frame):
    """Samples as models, their points in the order of the medoid's."""
    structure, method = snakemake.wildcards.structure, snakemake.wildcards.method
    said = {
        "entry": structure.replace("/", "_"),
        "method": method,
        "title": f"{structure} reconstructed by {method} from {snakemake.params.title}",
    }
    ensemble = match_to_medoid(samples)
    for path in snakemake.output.models:
        write_models(path, ensemble, cloud, frame=frame, **said)


def write_maps(samples, cloud, frame):
    """Mean density and localisation density."""
    resolution = snakemake.params.resolution or RESOLVED * cloud.spacing()
    made = f"{len(samples)} models of {snakemake.wildcards.structure} by {snakemake.wildcards.method}"
    stated = [
        f"Resolution {resolution:.1f} {frame.unit} ({resolution / cloud.spacing():.2g} x spacing); voxels of a third",
        f"Frame: {frame.of}; ORIGIN = centre of voxel 0 0 0 ({frame.unit}) = NSTART x voxel",
    ]
    mean = labels(
        f"Mean density of {made}",
        f"Pseudo-atoms per cubic {frame.unit}, Gaussians of sigma 0.225 x resolution",
        *stated,
    )
    share = labels(
        f"Localisation density of {made}",
        "Share of models with a pseudo-atom within half the resolution",
        *stated,
    )
    write_map(snakemake.output.mean, mean_density(samples, resolution), mean)
    write_map(snakemake.output.localisation, localisation_density(samples, resolution), share)


def write_views(samples, cloud, frame):
    """Scripts for ChimeraX and PyMOL."""
    level = contour_level(read_map(snakemake.output.mean), samples.reshape(-1, 3))
    for path in snakemake.output.views:
        write_view(
            path,
            snakemake.output.models[0],
            spacing=cloud.spacing(),
            deposit=snakemake.input.deposit or snakemake.params.fetched,
            assembly=snakemake.params.assembly,
            mean=snakemake.output.mean,
            level=level,
            localisation=snakemake.output.localisation,
            unit=frame.unit,
        )


with logged(snakemake.log[0]):
    frame = FRAMES[snakemake.params.frame]
    cloud = frame.magnified(PointCloud.load(snakemake.input.cloud))
    samples = cloud.to_angstrom(Reconstruction.load(snakemake.input.reconstruction).points)
    for write in (write_all_models, write_maps, write_views):
        write(samples, cloud, frame)
