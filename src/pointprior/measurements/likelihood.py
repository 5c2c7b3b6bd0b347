"""Settings of the likelihood: how points are paired with targets, and how measurements weigh against each other."""

from dataclasses import dataclass, field
from typing import Literal

from pointprior.runtime import settings
from pointprior.runtime.settings import about

Pairing = Literal["exact", "unbalanced", "entropic", "mixed"]
Weighting = Literal["given", "precision"]
LEAVING_OUT = ("entropic", "mixed")  # pairings with outliers


@dataclass(frozen=True)
class Likelihood(settings.Settings):
    """How points are paired with targets, and how measurements weigh against each other."""

    pairing: Pairing = field(
        default="exact",
        metadata=about(
            "exact: the optimal matching; unbalanced: optimal, but points and targets may stay unmatched at a price; "
            "entropic: every point is shared among the targets near it, the more sharply the less t is; mixed: "
            "entropic for projections and images, exact for all else"
        ),
    )
    weighting: Weighting = field(
        default="given",
        metadata=about("given: weights as they are; precision: divided by the variance of a target's coordinate"),
    )
    sigma: float = field(
        default=0.35,
        metadata=about(
            "standard deviation of a measured coordinate besides its noise, in spacings of the cloud",
            ge=0.01,
            le=10,
            why="a component of the mixture has 0.3 to 0.4; beyond some, points are everywhere",
        ),
    )
    outliers: float = field(
        default=0.0,
        metadata=about(
            "share of the points of a projection or image, and as many of the cloud's, that stay unmatched, those that "
            "fit worst (entropic and mixed; of pnp, gg_langevin and ml_regularised, which hold such points)",
            ge=0,
            le=0.5,
            why="more would leave out most of what was measured",
        ),
    )
    gate: float = field(
        default=2.0,
        metadata=about(
            "distance, in standard deviations, from which on a point stays unmatched (unbalanced)",
            ge=0.1,
            le=1000,
            why="less matches nothing, more is the exact matching",
        ),
    )
