"""Sample the prior without any measurement: a control for every structure and task."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, how = snakemake.params, snakemake.params.unconditional
    execution = snakemake.config["execution"]  # device and batch change the time it takes, not the result
    device = choose_device(execution["device"])
    with tqdm(total=params.samples * how["steps"], file=log, mininterval=10, unit="step") as bar:
        samples = sample(
            Denoiser.load(Path(snakemake.input[0]).parent).to(device),
            None,
            Schedule(**how),
            execution=Execution(device, execution["batch"], params.precision),
            key=tuple(params.key),
            samples=params.samples,
            points=params.points,
            progress=bar.update,
        )
    samples.save(snakemake.output[0])
