"""How far models are from what the prior gives without measurements: is this only the prior?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.scoring.alignment import align, scale_to_gyration
from pointprior.scoring.ensembles import pair
from pointprior.scoring.metrics import rmsd_matched


@dataclass(frozen=True)
class PriorDistance:
    """Distances (matched RMSD, in the unit of the points).

    Attributes
    ----------
    among_models : float
        Mean distance of two models, as they lie.
    to_prior : float
        Distance of the central model to the nearest sample of the prior, scaled and superposed.
    among_prior : float
        Mean distance of the prior's first sample to the others, scaled to the models' size and superposed.
    """

    among_models: float
    to_prior: float
    among_prior: float


def prior_distance(
    models: Float[np.ndarray, "S N 3"], medoid: int, unconditional: Float[np.ndarray, "U N 3"]
) -> PriorDistance:
    """Compare models with samples of the prior that no measurement guided.

    Samples of the prior know no frame and no scale: each is brought to the central model's radius of gyration and
    superposed on what it is compared with.

    Raises
    ------
    ValueError
        If there are fewer than two unconditional samples.
    """
    if len(unconditional) < 2:
        raise ValueError(f"{len(unconditional)} unconditional samples tell no distance among them; two do")
    centre = models[medoid].astype(np.float64)
    scaled = [scale_to_gyration(sample.astype(np.float64), centre)[0] for sample in unconditional]
    return PriorDistance(
        mean_distance(models),
        min(_superposed(sample, centre) for sample in scaled),
        float(np.mean([_superposed(sample, scaled[0]) for sample in scaled[1:]])),
    )


def mean_distance(models: Float[np.ndarray, "S N 3"]) -> float:
    """Mean matched RMSD of two models as they lie; 0 for a single one."""
    if len(models) < 2:
        return 0.0
    return float(np.sqrt(pair(models).cost)[np.triu_indices(len(models), 1)].mean())


def _superposed(model: Float[np.ndarray, "N 3"], truth: Float[np.ndarray, "N 3"]) -> float:
    return rmsd_matched(truth, align(model, truth).apply(model))
