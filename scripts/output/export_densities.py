"""Write the mean density and the localisation density of a method's samples as MRC files."""

from textwrap import wrap

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.output.densities import LABEL, RESOLVED, localisation_density, mean_density, write_map
from pointprior.output.frames import FRAMES
from pointprior.reconstruction.result import Reconstruction


def labels(*statements):
    """Labels of a map's header; ids of shapes are long."""
    return [line for statement in statements for line in wrap(statement, LABEL)]


with logged(snakemake.log[0]):
    frame = FRAMES[snakemake.params.frame]
    cloud = frame.magnified(PointCloud.load(snakemake.input.cloud))
    samples = cloud.to_angstrom(Reconstruction.load(snakemake.input.reconstruction).points)
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
