"""Condense the calibrations to one row per task and method."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.calibration import summarise_calibration

with logged(snakemake.log[0]):
    calibrations = pd.read_csv(snakemake.input[0])
    averaged = calibrations["task"].isin(snakemake.params.tasks)  # not the showcases: each measures something else
    table = summarise_calibration(calibrations[averaged])
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)
