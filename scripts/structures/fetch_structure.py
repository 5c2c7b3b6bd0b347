"""Bring the deposit of a structure: from a mirror that holds it, otherwise from the archive."""

import logging

from joblog import logged

from pointprior.structures.archive import fetch

with logged(snakemake.log[0]):
    origin = fetch(
        snakemake.wildcards.structure,
        snakemake.output[0],
        mirrors=snakemake.params.sources.mirrors,
        download=snakemake.params.sources.download,
    )
    logging.info("from %s", origin)
