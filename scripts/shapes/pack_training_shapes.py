"""Pack the shapes that a prior learns from, is validated on and compared with: all points, and what was left out."""

from joblog import logged

from pointprior.priors.packing import pack_shapes
from pointprior.runtime.files import atomic_write
from pointprior.shapes.archive import ShapeArchive
from pointprior.shapes.clouds import read_shapes

with logged(snakemake.log[0]):
    params = snakemake.params
    archive = ShapeArchive(params.archive.path)
    training, validation, test = (read_shapes(archive, split, **params.packing) for split in ("train", "val", "test"))
    clouds, failures = pack_shapes(training, validation)
    clouds.save(snakemake.output.clouds)
    pack_shapes(None, test)[0].save(snakemake.output.references)
    with atomic_write(snakemake.output.failures) as temporary:
        failures.to_csv(temporary, index=False)
