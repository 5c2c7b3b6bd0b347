"""Draw reconstructions of shapes side by side (Fig. 1): data, truth, and the first model of every method."""

from joblog import logged

import matplotlib as mpl

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.output.figures import ShapeColumn, plot_shapes, save
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.tables import read_tables

mpl.use("Agg")

with logged(snakemake.log[0]):
    files, params = snakemake.input, snakemake.params
    scores = read_tables(files.scores).query("sample == 0")
    columns = [
        ShapeColumn(
            Observations.load(files.observations[k]),
            PointCloud.load(files.clouds[k]),
            {method: Reconstruction.load(files[method][k]).points[0] for method in params.methods},
            scores[(scores["structure"] == structure) & (scores["task"] == task)],
            params.titles[k],
        )
        for k, (structure, task) in enumerate(params.pairs)
    ]
    save(plot_shapes(columns), list(snakemake.output))
