"""Score every sample of some methods against the truth, and compare the spread of their samples with their error."""

from functools import cache, cached_property

from joblog import logged

import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.methods import METHODS
from pointprior.reconstruction.result import load_samples
from pointprior.runtime.kept_rows import KeptRows, digest
from pointprior.scoring.calibration import assess_calibration
from pointprior.scoring.scores import score
from pointprior.structures.atoms import Atoms


class Measured:
    """The measurements of a task, and the energies that they give."""

    def __init__(self, path):
        self.path = path

    @cached_property
    def _energy(self):
        return Energy(Observations.load(self.path), reading=snakemake.params.energy)

    def of(self, points):
        """Energies of samples."""
        return self._energy.reported(torch.from_numpy(points).double()).numpy()

    @cached_property
    def of_truth(self):
        """Energy of the true cloud."""
        return self.of(cloud.points[None])[0]


def named(table, task, method):
    """A copy of a table that says whose it is."""
    named = table.copy()
    for place, (column, name) in enumerate(
        {"structure": snakemake.wildcards.structure, "task": task, "method": method}.items()
    ):
        named.insert(place, column, name)
    return named


@cache  # a control presents the same samples in every task
def against_truth(path):
    """Samples, and their scores but for the energies, one row each."""
    samples = load_samples(path)
    return samples, score(samples.points, cloud, atoms, alignment=snakemake.params.alignment)


@cache
def calibration(path):
    """How the spread of samples compares with their error."""
    return assess_calibration(load_samples(path).points, cloud)


def scores(task, method, path, measured):
    """Scores of a method in a task, one row per sample."""
    samples, table = against_truth(path)
    table = named(table, task, method)
    after = table.columns.get_loc("emd") + 1
    table.insert(after, "energy", samples.energy if METHODS[method].module else measured.of(samples.points))
    table.insert(after + 1, "energy_truth", measured.of_truth)
    return table.assign(nfe=samples.nfe, seconds=samples.seconds)


def write_scores(output, task, models, measured):
    """Scores of all methods of a task; those of unchanged models are kept."""
    rows, settings = KeptRows(output), [snakemake.params.code, snakemake.params.alignment, snakemake.params.energy]
    for method, path in models.items():
        key = digest([path, measured.path, *truth], [method, *settings])
        rows.add(key, lambda: scores(task, method, path, measured))  # noqa: B023  # called at once
    rows.save()


def write_coverage(output, task, models):
    """Calibration of all methods whose samples spread, likewise."""
    rows = KeptRows(output)
    for method in snakemake.params.calibrated:
        key = digest([models[method], files.cloud], [method, snakemake.params.code])
        rows.add(key, lambda: named(calibration(models[method]), task, method))  # noqa: B023
    rows.save()


with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    files, params, output = snakemake.input, snakemake.params, snakemake.output
    truth = [files.cloud, *([files.atoms] if files.atoms else [])]
    cloud, atoms = PointCloud.load(files.cloud), Atoms.load(files.atoms) if files.atoms else None
    waiting, models = iter(files.models), {}
    tables = zip(params.tasks, files.observations, output.scores, strict=True)
    for number, (task, observations, path) in enumerate(tables):
        # of controls without code, the first task's points stand for all
        anew = [method for method in params.methods if METHODS[method].module or method not in models]
        models |= {method: next(waiting) for method in anew}
        write_scores(path, task, models, Measured(observations))
        for coverage in output.get("coverage", [])[number : number + 1]:  # none where nothing spreads
            write_coverage(coverage, task, models)
