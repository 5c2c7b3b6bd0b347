"""Sample a prior without any measurement: as often as asked, or as clouds were held out of its training."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.training_set import TrainingSet
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    params = snakemake.params
    execution = Execution(choose_device(params.execution.device), params.execution.batch, params.precision)
    clouds = TrainingSet.load(snakemake.input.clouds) if snakemake.input.clouds else None
    samples = sample(
        Denoiser.load(Path(snakemake.input.prior[0]).parent).to(execution.device),
        None,
        Schedule(**params.schedule),
        execution=execution,
        key=tuple(params.key),
        samples=params.samples or int(clouds.held_out.sum()),
        points=params.points or clouds.size,
        progress=bar.update,
    )
    samples.save(snakemake.output[0])
