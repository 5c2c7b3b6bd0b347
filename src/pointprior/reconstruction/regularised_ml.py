"""Maximum likelihood with a regulariser: the fair baseline without a prior, at as many gradients as DPS evaluates."""

from dataclasses import dataclass

from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction


@dataclass(frozen=True)
class Settings:
    """Maximum likelihood with a regulariser on the distances between neighbours.

    Attributes
    ----------
    steps : int or None
        Adam steps; None: as many as DPS evaluates gradients in the task.
    learning_rate : float
        Adam's learning rate at the start; it falls to zero.
    weight : float
        λ of the regulariser, beside the Frobenius sum of the energy.
    """

    steps: int | None = None
    learning_rate: float = 0.3
    weight: float = 0.3


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Minimise E + λR with an annealed rate, the spacing of R estimated from the measurements."""
    return maximise_likelihood(
        problem.energy,
        key=problem.key,
        samples=problem.samples,
        points=problem.points,
        steps=settings.steps or problem.nfe,
        learning_rate=settings.learning_rate,
        annealed=True,
        regulariser=PairDistances(problem.energy.observations.cloud_spacing()),
        weight=settings.weight,
        progress=problem.progress,
    )
