"""Write the page of results: tables, plots, and models that can be turned in the browser."""

from joblog import logged

import matplotlib as mpl

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.output.site.exhibits import Exhibit
from pointprior.output.site.page import write_site
from pointprior.output.site.results import Results, Task, by_experiment
from pointprior.reconstruction.result import load_samples
from pointprior.runtime.tables import read_tables
from pointprior.structures.traces import read_trace

mpl.use("Agg")


def tables(paths):
    """Tables of the input as one, None if there are none."""
    return by_experiment(read_tables(paths)) if paths else None


def exhibits():
    """What is shown in three dimensions: the files of the input, one exhibit after the other."""
    inputs, params = snakemake.input, snakemake.params
    deposits = dict(zip(params.traces["structures"], inputs.get("deposits", []), strict=True))
    traces = {name: read_trace(path, assembly=params.traces["assembly"]) for name, path in deposits.items()}
    models = iter(inputs.get("models", []))
    files = zip(params.exhibits, inputs.get("observations", []), inputs.get("clouds", []), strict=True)
    for exhibit, observations, cloud in files:
        yield Exhibit(
            structure=exhibit["structure"],
            task=exhibit["task"],
            cloud=PointCloud.load(cloud),
            observations=Observations.load(observations),
            models={method: load_samples(next(models)) for method in exhibit["methods"]},
            trace=traces.get(exhibit["structure"], []),
            is_molecule=exhibit["is_molecule"],
        )


with logged(snakemake.log[0]):
    results = Results(
        tasks={task["name"]: Task(**task) for task in snakemake.params.tasks},
        scores=tables(snakemake.input.scores),
        coverage=tables(snakemake.input.get("coverage", [])),
        exhibits=list(exhibits()),
        facts=snakemake.params.facts,
    )
    write_site(snakemake.output[0], results, processes=snakemake.threads)
