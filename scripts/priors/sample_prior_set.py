"""Sample a prior without measurements, as often as clouds were held out of its training."""

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

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, how = snakemake.params, snakemake.params.unconditional
    execution = snakemake.config["execution"]  # device and batch change the time it takes, not the result
    device = choose_device(execution["device"])
    data = TrainingSet.load(snakemake.input.clouds)
    count = params.samples or int(data.held_out.sum())
    with tqdm(total=count * how["steps"], file=log, mininterval=10, unit="step") as bar:
        samples = sample(
            Denoiser.load(Path(snakemake.input.weights).parent).to(device),
            None,
            Schedule(**how),
            execution=Execution(device, execution["batch"], params.precision),
            key=(params.seed, snakemake.wildcards.prior, "prior"),
            samples=count,
            points=data.points.shape[1],
            progress=bar.update,
        )
    samples.save(snakemake.output[0])
