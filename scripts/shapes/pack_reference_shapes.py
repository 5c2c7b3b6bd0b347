"""Pack the test shapes that a prior's samples are compared with (Table 3)."""

from joblog import logged

from pointprior.priors.packing import pack_shapes
from pointprior.shapes.archive import ShapeArchive
from pointprior.shapes.clouds import read_shapes

with logged(snakemake.log[0]):
    archive = ShapeArchive(snakemake.params.archive.path)
    clouds, _ = pack_shapes(None, read_shapes(archive, "test", **snakemake.params.packing))
    clouds.save(snakemake.output[0])
