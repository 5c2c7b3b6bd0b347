"""Generate objects in the layout of ShapeNet's part annotation: a stand-in for it."""

from joblog import logged

from pointprior.shapes.procedural.writer import write_archive

if __name__ == "__main__":  # the processes that generate import this file, they do not run it
    with logged(snakemake.log[0]):
        write_archive(snakemake.output[0], processes=snakemake.threads, **snakemake.params.standin)
