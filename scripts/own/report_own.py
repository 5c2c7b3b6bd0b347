"""Write the page about a specimen of one's own."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.measurements.own_data import OwnData
from pointprior.methods import METHODS
from pointprior.output.own.page import Report, write_page
from pointprior.output.own.results import OwnModels
from pointprior.reconstruction.readings import Reading
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.own import OwnReconstruction
from pointprior.scoring.prior_distance import prior_distance

mpl.use("Agg")


def distances(models):
    """How far models that a prior helped with are from its samples without measurements."""
    if not snakemake.input.unconditional:
        return {}
    alone = Reconstruction.load(snakemake.input.unconditional[0]).points
    guided = [each for each in models if METHODS[each.method].needs_prior and len(alone) > 1]
    return {each.method: prior_distance(each.points, each.ensemble.medoid, alone) for each in guided}


with logged(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    data = OwnData.load(files.measurements)
    pairs = zip(params.methods, files.models, strict=True)
    models = [OwnModels(data, method, Reconstruction.load(path)) for method, path in pairs]
    readings = [Reading(row.name, row.misfit) for row in pd.read_csv(files.readings).itertuples(index=False)]
    report = Report(
        snakemake.wildcards.name,
        data,
        OwnReconstruction(**params.own),
        models,
        readings,
        params.prior,
        distances(models),
    )
    write_page(snakemake.output[0], report)
