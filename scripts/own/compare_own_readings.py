"""Fit a specimen's measurements under other readings of its poses."""

from dataclasses import asdict

from joblog import logged

import pandas as pd
import torch

from pointprior.measurements.own_data import OwnData
from pointprior.reconstruction.readings import compare_readings
from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    data = OwnData.load(snakemake.input[0])
    readings = compare_readings(data.observations, key=(snakemake.params.seed, snakemake.wildcards.name))
    with atomic_write(snakemake.output[0]) as temporary:
        pd.DataFrame(map(asdict, readings), columns=["name", "misfit"]).to_csv(temporary, index=False)
