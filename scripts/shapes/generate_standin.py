"""Generate objects in the layout of ShapeNet's part annotation: a stand-in for it."""

from joblog import logged

from pointprior.shapes.procedural.layout import write_archive

with logged(snakemake.log[0]):
    write_archive(snakemake.output[0], **snakemake.params.standin)
