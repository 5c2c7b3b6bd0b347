"""What models of one's own specimen owe to the prior: samples without measurements, and what it learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from pointprior.methods import METHODS
from pointprior.output.own.results import OwnModels
from pointprior.priors.training_set import REPLAY, TrainingSet
from pointprior.scoring.nearest_training import NearestTraining, nearest_training
from pointprior.scoring.prior_distance import PriorDistance, prior_distance


@dataclass(frozen=True)
class FromPrior:
    """Comparison of one method's models with their prior.

    Attributes
    ----------
    distance : PriorDistance or None
        From samples without measurements; None where fewer than two were drawn.
    nearest : NearestTraining or None
        From structures that the prior learnt from; None where they are not at hand.
    """

    distance: PriorDistance | None
    nearest: NearestTraining | None


def look_up(
    models: Sequence[OwnModels], alone: Float[np.ndarray, "U N 3"] | None, learnt: TrainingSet | None
) -> dict[str, FromPrior]:
    """Compare the models of every method that has a prior with what that gives alone, and with what it learnt from.

    Parameters
    ----------
    models : sequence of OwnModels
        By all methods.
    alone : ndarray, shape=(U, N, 3), optional
        Samples of the prior without measurements.
    learnt : TrainingSet, optional
        Structures that it was trained on, and some that were held out.
    """
    guided = [each for each in models if METHODS[each.method].needs_prior]
    return {
        each.method: FromPrior(
            None if alone is None or len(alone) < 2 else prior_distance(each.points, each.ensemble.medoid, alone),
            None if learnt is None else nearest_training(each.medoid, learnt),
        )
        for each in guided
    }


def learnt_by(prior: Path) -> TrainingSet | None:
    """Clouds in a prior's folder that it was trained on; None if there are none."""
    path = prior / REPLAY
    return TrainingSet.load(path) if path.is_file() else None
