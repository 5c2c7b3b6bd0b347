"""Write the page about a specimen of one's own."""

from joblog import logged

import matplotlib as mpl
import pandas as pd

from pointprior.measurements.own_data import OwnData
from pointprior.output.own.from_prior import look_up
from pointprior.output.own.page import Report, write_page
from pointprior.output.own.results import OwnModels
from pointprior.priors.training_set import TrainingSet
from pointprior.reconstruction.readings import Reading
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.own import OwnReconstruction

mpl.use("Agg")


with logged(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    data = OwnData.load(files.measurements)
    pairs = zip(params.methods, files.models, strict=True)
    models = [OwnModels(data, method, Reconstruction.load(path)) for method, path in pairs]
    readings = [Reading(row.name, row.misfit) for row in pd.read_csv(files.readings).itertuples(index=False)]
    alone = Reconstruction.load(files.unconditional[0]).points if files.unconditional else None
    learnt = TrainingSet.load(files.learnt[0]) if files.learnt else None
    report = Report(
        snakemake.wildcards.name,
        data,
        OwnReconstruction(**params.own),
        models,
        readings,
        params.prior,
        look_up(models, alone, learnt),
    )
    write_page(snakemake.output[0], report)
