"""Read a shape from its archive, and draw the points of its cloud."""

from joblog import logged

from pointprior.shapes.archive import ShapeArchive
from pointprior.shapes.clouds import shape_cloud

with logged(snakemake.log[0]):
    params = snakemake.params
    raw = ShapeArchive(params.archive.path).read(params.shape)
    key = (params.seed, snakemake.wildcards.structure)
    shape_cloud(raw, points=params.points, key=key).save(snakemake.output[0])
