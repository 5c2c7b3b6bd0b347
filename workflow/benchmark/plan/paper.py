"""The paper's tables and figures: which of the configuration's experiments and priors they take."""

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.datasets import Dataset
from benchmark.config.measurements import Measured
from benchmark.plan.datasets import Datasets
from benchmark.plan.priors import Priors
from benchmark.plan.shapes import Shapes
from pointprior.shapes.categories import CATEGORIES

MOLECULES, MIXED = "CryoStruct", "Mixed"  # what the paper calls kinds of data; a single category by its name


class Paper:
    """Answers to the rules' questions about the paper's tables and figures, for one configuration."""

    def __init__(self, settings: Configuration, datasets: Datasets, priors: Priors, shapes: Shapes):
        self._settings, self._datasets, self._priors, self._shapes = settings, datasets, priors, shapes

    def experiments(self) -> list[dict]:
        """What every task measures and with which parameters, as `pointprior.output.reproduction` takes it."""
        rows = [
            _row(f"{name}/{task}", _kind(data), measured, data.points)
            for name, data in self._settings.datasets.items()
            for task, measured in data.tasks.items()
        ]
        points = self._settings.coarse_grain.components
        tasks = {name: task for name, task in self._settings.tasks.items() if not task.noise}
        return rows + [_row(name, MOLECULES, task, points) for name, task in tasks.items()]

    def kinds(self) -> dict[str, str]:
        """What each prior knows: Chair, Mixed or CryoStruct; others, which the paper does not have, are left out."""
        kinds = {data.prior: _kind(data) for data in self._settings.datasets.values()}
        return {self._settings.prior: MOLECULES} | kinds

    def knows_shapes(self, prior: str) -> bool:
        """Whether a prior knows shapes, whose points lie on surfaces."""
        return self.kinds().get(prior, MOLECULES) != MOLECULES

    def places(self) -> dict[str, str]:
        """Places in the paper ("row 1") of the configuration's experiments."""
        from pointprior.output.reproduction.printed import places_of

        return places_of(self.experiments())

    def tables(self) -> list[str]:
        """Tables 1 to 4."""
        return [paths.TABLE.format(table=f"table{number}") for number in (1, 2, 3, 4)]

    def scores(self) -> list[str]:
        """Scores behind tables and figures of shapes."""
        return [paths.SHAPE_SCORES, paths.INTEGRATOR_SCORES, paths.TIME_STEP_SCORES]

    def variants(self) -> list[str]:
        """Rows of Table 2, from top to bottom."""
        return list(self._settings.integrators.variants)


def _kind(data: Dataset) -> str:
    """What the paper calls the shapes of a data set; the names of other categories."""
    chosen = set(data.categories)
    return MIXED if chosen == set(CATEGORIES) else " + ".join(name for name in CATEGORIES if name in chosen)


def _row(experiment: str, kind: str, task: Measured, points: int) -> dict:
    clusters = task.subunit and task.subunit.clusters
    return {
        "experiment": experiment,
        "kind": kind,
        "projections": task.projections,
        "points": task.points if task.projections else 0,
        "low_resolution": task.low_resolution,
        "subunit": points // clusters if clusters else 0,
        "beta": task.beta,
        "alpha": task.alpha,
        "alpha_unclipped": task.alpha_unclipped,
    }
