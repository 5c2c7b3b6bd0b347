"""How wrong to expect models to be: their spread, and what realistic tasks of the benchmark say of such spreads."""

from pointprior.output.own.results import OwnModels
from pointprior.scoring.calibration import predicted_error

# error over what the spread predicts, by method: with images alone, and with images and a map
# (means over tasks of docs/benchmark-realistic/calibration.csv, where projections have noise of 5 Å)
OVERCONFIDENCE = {"pnp": (1.4, 2.0), "ml_regularised": (1.9, 3.7)}


def overconfidence(models: OwnModels) -> float | None:
    """By how much models of this kind are surer than they should be; None where the benchmark has none of the kind."""
    measured, files = OVERCONFIDENCE.get(models.method), models.data.files
    if measured is None or files.images is None or files.subunit is not None or files.homologue is not None:
        return None
    return measured[files.map is not None]


def expected_error(models: OwnModels) -> float | None:
    """Root-mean-square distance to expect between the mean of the models and the truth's points (in Å)."""
    factor = overconfidence(models)
    if factor is None or len(models.points) < 2:
        return None
    return factor * predicted_error(models.ensemble.rmsf, len(models.points))
