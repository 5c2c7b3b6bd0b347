"""Write the ChimeraX and PyMOL scripts that open a method's models and maps over the deposit."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.output.densities import contour_level, read_map
from pointprior.output.frames import FRAMES
from pointprior.output.viewers import write_view
from pointprior.reconstruction.result import Reconstruction

with logged(snakemake.log[0]):
    frame = FRAMES[snakemake.params.frame]
    cloud = frame.magnified(PointCloud.load(snakemake.input.cloud))
    samples = cloud.to_angstrom(Reconstruction.load(snakemake.input.reconstruction).points)
    level = contour_level(read_map(snakemake.input.mean), samples.reshape(-1, 3))
    for path in snakemake.output:
        write_view(
            path,
            snakemake.input.models,
            spacing=cloud.spacing(),
            deposit=snakemake.input.deposit or snakemake.params.fetched,
            assembly=snakemake.params.assembly,
            mean=snakemake.input.mean,
            level=level,
            localisation=snakemake.input.localisation,
            unit=frame.unit,
        )
