"""Diffusion posterior sampling whose guidance is preconditioned by Adam's moments (Belardi et al. 2026).

Reported to gain most with few steps, where single gradients are noisy; here a gradient also jumps with the matching.
"""

from pointprior.reconstruction.dps import reconstruct_guided
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.moments import Adam
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.dps_adam import Settings


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample the posterior of a task with the task's α and β and with steps of its own."""
    adam = Adam(settings.beta1, settings.beta2)
    guidance = Guidance(problem.alpha, settings.guidance_clip, adam)
    return reconstruct_guided(problem, settings, guidance, settings.steps)
