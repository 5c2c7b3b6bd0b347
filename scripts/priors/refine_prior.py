"""Refine a prior on relatives of the structure that is to be reconstructed."""

import logging
from pathlib import Path

from joblog import logged

import torch

from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.relatives import refine_on_structures

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    params = snakemake.params
    refine_on_structures(
        params.structures,
        Path(snakemake.input.prior[0]).parent,
        Path(snakemake.output.weights).parent,
        Refinement(**params.refinement),
        replay=snakemake.input.replay,
        seed=params.seed,
        report=logging.info,
        mirrors=params.sources.mirrors,
        download=params.sources.download,
    )
