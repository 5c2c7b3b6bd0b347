"""Write the models, maps, views, tables and poses of one method's models of a specimen of one's own."""

from pathlib import Path

from joblog import logged

import matplotlib as mpl

from pointprior.measurements.own_data import OwnData
from pointprior.output.own.exports import write_method
from pointprior.output.own.results import OwnModels
from pointprior.reconstruction.result import Reconstruction

mpl.use("Agg")

with logged(snakemake.log[0]):
    data, found = OwnData.load(snakemake.input.measurements), Reconstruction.load(snakemake.input.models)
    models = OwnModels(data, snakemake.wildcards.method, found)
    write_method(Path(snakemake.output[0]).parent, snakemake.wildcards.name, models)
