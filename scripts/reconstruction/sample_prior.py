"""Sample the prior without any measurement: a control for every structure and task."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.diffusion import time_steps
from pointprior.reconstruction.dps import sample
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, how = snakemake.params, snakemake.params.unconditional
    dps = snakemake.config["dps"]  # device and batch change the time it takes, not the result
    device = choose_device(dps["device"])
    with tqdm(total=params.samples * how["steps"], file=log, mininterval=10, unit="step") as bar:
        samples = sample(
            Denoiser.load(Path(snakemake.input[0]).parent).to(device),
            key=tuple(params.key),
            samples=params.samples,
            points=params.points,
            times=time_steps(how["steps"], t_max=how["t_max"]),
            beta=how["beta"],
            integrator=how["integrator"],
            batch=dps["batch"],
            device=device,
            precision=params.precision,
            progress=bar.update,
        )
    samples.save(snakemake.output[0])
