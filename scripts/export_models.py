"""Write a method's samples as the models of an mmCIF file, in the deposit's frame."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.export import write_models
from pointprior.reconstructions import Reconstruction

with logged(snakemake.log[0]):
    structure, method = snakemake.wildcards.structure, snakemake.wildcards.method
    write_models(
        snakemake.output[0],
        Reconstruction.load(snakemake.input.reconstruction).points,
        PointCloud.load(snakemake.input.cloud),
        entry=structure,
        method=method,
        title=f"{structure} reconstructed by {method} from {snakemake.params.title}",
    )
