"""One step of a trajectory from time t to t_next: Algorithm 1 of the paper and alternatives to it.

A score takes turns (`interleaving`), and so does a step.
"""

from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor

from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.schedule import NoiseControl

Score = Callable[[Float[Tensor, "S N 3"], float], Turns[Float[Tensor, "S N 3"]]]
Noise = Callable[[], Float[Tensor, "S N 3"]]


def paper_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Algorithm 1 as printed: (t + β t²) multiplies both scores, the second one taken at t_next."""
    dt = t - t_next
    score = yield from s(x, t)
    x_next = x + t * score * dt
    if t_next == 0:
        return x_next
    # correction step and noise injection
    d = (t + beta(t) * t**2) * (score + (yield from s(x_next, t_next))) * dt / 2
    n = (2 * beta(t) * t**2 * dt) ** 0.5 * noise()
    return x + d + n


def euler_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Euler-Maruyama on the reverse SDE; for β = 0 Euler's method on the probability-flow ODE."""
    dt = t - t_next
    score = yield from s(x, t)
    if t_next == 0:
        return x + t * score * dt
    return x + (t + beta(t) * t**2) * score * dt + (2 * beta(t) * t**2 * dt) ** 0.5 * noise()


def heun_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Stochastic Heun: both slopes and both ends' noise carry the factors of their own time."""
    dt = t - t_next
    if t_next == 0:
        return x + t * (yield from s(x, t)) * dt
    n = ((beta(t) * t**2 + beta(t_next) * t_next**2) * dt) ** 0.5 * noise()
    slope = (t + beta(t) * t**2) * (yield from s(x, t))
    x_next = x + slope * dt + n
    slope_next = (t_next + beta(t_next) * t_next**2) * (yield from s(x_next, t_next))
    return x + (slope + slope_next) * dt / 2 + n


STEPS = {"paper": paper_step, "euler": euler_step, "heun": heun_step}
