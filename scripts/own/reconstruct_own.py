"""Reconstruct a specimen of one's own by one of the methods in `pointprior.methods`."""

from pathlib import Path

from joblog import logged

import torch
from tqdm import tqdm

from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.own_data import OwnData
from pointprior.methods import METHODS
from pointprior.reconstruction.execution import chosen_here
from pointprior.reconstruction.own import problem_of
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.own import OwnReconstruction

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    files, params = snakemake.input, snakemake.params
    method = METHODS[params.method].load()
    problem = problem_of(
        OwnData.load(files.measurements),
        OwnReconstruction(**params.own),
        method=params.method,
        key=(params.seed, snakemake.wildcards.name),
        prior=Path(files.prior[0]).parent if files.prior else None,
        initial=Reconstruction.load(files.initial[0]) if files.initial else None,
        execution=chosen_here(vars(params.execution), params.precision),
        threads=snakemake.threads,
        reading=params.energy,
        likelihood=Likelihood(**params.likelihood),
        progress=bar.update,
    )
    method.reconstruct(problem, method.Settings(**params.settings)).save(snakemake.output[0])
