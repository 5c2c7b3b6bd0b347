"""Sample a prior without any measurement: as often as asked, or as clouds were held out of its training."""

from pathlib import Path

from joblog import logged

import torch
from tqdm import tqdm

from pointprior.priors.training_set import TrainingSet
from pointprior.reconstruction.batches import loaded
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import chosen_here
from pointprior.reconstruction.schedule import Schedule

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    params = snakemake.params
    execution = chosen_here(vars(params.execution), params.precision)
    clouds = TrainingSet.load(snakemake.input.clouds) if snakemake.input.clouds else None
    samples = sample(
        loaded(Path(snakemake.input.prior[0]).parent, execution),
        None,
        Schedule(**params.schedule),
        execution=execution,
        key=tuple(params.key),
        samples=params.samples or int(clouds.held_out.sum()),
        points=params.points or clouds.size,
        progress=bar.update,
    )
    samples.save(snakemake.output[0])
