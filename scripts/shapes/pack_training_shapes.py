"""Pack the shapes that a prior learns from and is validated on, each with all its points, and what was left out."""

from joblog import logged

from pointprior.priors.packing import pack_shapes
from pointprior.runtime.files import atomic_write
from pointprior.shapes.archive import ShapeArchive
from pointprior.shapes.clouds import read_shapes

with logged(snakemake.log[0]):
    params = snakemake.params
    archive = ShapeArchive(params.archive.path)
    training, validation = (read_shapes(archive, split, **params.packing) for split in ("train", "val"))
    clouds, failures = pack_shapes(training, validation)
    clouds.save(snakemake.output.clouds)
    with atomic_write(snakemake.output.failures) as temporary:
        failures.to_csv(temporary, index=False)
