"""Put the tables of a run and what made them where git keeps them."""

from pathlib import Path

from joblog import logged

from pointprior.output.publication import publish

with logged(snakemake.log[0]):
    publish(
        Path(snakemake.output.provenance).parent,
        tables=[Path(path) for path in snakemake.input.tables],
        priors={snakemake.params.prior: Path(snakemake.input.prior[0]).parent},
        configuration=snakemake.params.configuration,
        code=snakemake.params.codes,
    )
