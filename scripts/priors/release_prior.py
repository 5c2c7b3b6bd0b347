"""Check released weights against their card and put them where trained ones would be."""

from pathlib import Path

from joblog import logged

from pointprior.priors.card import read_card
from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    read_card(Path(snakemake.input[0]).parent)
    for source, target in zip(snakemake.input, snakemake.output, strict=True):
        with atomic_write(target) as temporary:
            Path(temporary).write_bytes(Path(source).read_bytes())
