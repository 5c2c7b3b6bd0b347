"""Settings of coarse-graining: how a mixture is fitted, and which clouds a training structure becomes.

Free of numerical libraries, so quick to import.
"""

from dataclasses import dataclass, field
from typing import Literal

from pointprior.runtime.settings import Settings, about

Engine = Literal["scikit-learn", "neighbours"]


@dataclass(frozen=True, kw_only=True)
class MixtureFit(Settings):
    """The Gaussian mixture that turns atoms into a cloud."""

    engine: Engine = field(default="scikit-learn", metadata=about("engine that fits the mixture"))
    tolerance: float = field(
        default=1e-3,
        metadata=about(
            "change of the mean log-likelihood that counts as converged",
            ge=1e-9,
            le=1,
            why="nats per atom; less is rounding, more is no fit",
        ),
    )
    max_iterations: int = field(
        default=100, metadata=about("most EM iterations", ge=1, le=100_000, why="EM converges in tens to hundreds")
    )


@dataclass(frozen=True, kw_only=True)
class CloudRecipe(Settings):
    """How a training structure becomes one cloud or several."""

    components: int = field(
        default=1024,
        metadata=about(
            "points of a cloud",
            ge=8,
            le=16_384,
            why="each point has six neighbours, and a matching grows with the cube",
        ),
    )
    fits: int = field(
        default=1,
        metadata=about(
            "mixtures fitted to each training structure, each from a start of its own",
            ge=1,
            le=1000,
            why="each is a cloud of the training set",
        ),
    )
    sub_assemblies: int = field(
        default=0,
        metadata=about(
            "connected sets of chains that each structure also lends to the training, where it can",
            ge=0,
            le=1000,
            why="each is a cloud of the training set",
        ),
    )
    assembly: str | None = field(
        default=None, metadata=about("biological assembly to build; null: the deposited coordinates")
    )
    seed: int = field(default=0, metadata=about("of the mixtures and of the sub-assemblies drawn"))
    fit: MixtureFit = field(default=MixtureFit(), metadata=about("how the mixtures are fitted"))
