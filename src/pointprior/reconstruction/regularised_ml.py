"""Maximum likelihood with a regulariser: the fair baseline without a prior, at as many gradients as DPS evaluates."""

from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.regularised_ml import Settings


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Minimise E + λR with an annealed learning rate; the spacing of R is estimated from the measurements."""
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
        pose_errors=problem.pose_errors,
        progress=problem.progress,
    )
