"""Diffusion in the manner of Karras et al. (2022): what a denoiser does, time steps, and noise controls.

What samples needs these; it need not know any network.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

# expected clean clouds, given noisy ones and the standard deviation of their noise: what `Denoiser` and others compute
Denoise = Callable[[Float[Tensor, "S N 3"], Float[Tensor, " S"]], Float[Tensor, "S N 3"]]

NoiseControl = Callable[[float], float]

# β(t): how much noise the reverse SDE re-injects; the paper's choices, by name
NOISE_CONTROLS: dict[str, NoiseControl] = {
    "0": lambda t: 0.0,  # the probability-flow ODE
    "1/t": lambda t: 1 / t,  # Anderson's reverse SDE
    "1/t above 0.15, else 0": lambda t: 1 / t if t > 0.15 else 0.0,
    "1/t above 1, else 1": lambda t: 1 / t if t > 1 else 1.0,
    "1/t above 0.8, else 1": lambda t: 1 / t if t > 0.8 else 1.0,
}


def time_steps(steps: int, *, t_max: float, t_min: float = 0.002, rho: float = 3.0) -> Float[Tensor, " steps_1"]:
    """Karras et al.'s decreasing times t_0 = t_max > ... > t_{N-1} = t_min > t_N = 0 (float64)."""
    if steps < 2:
        raise ValueError(f"{steps} time steps are too few; two is the least")
    if not 0 < t_min < t_max:
        raise ValueError(f"times must satisfy 0 < t_min ({t_min}) < t_max ({t_max})")
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    t = (t_max ** (1 / rho) + ramp * (t_min ** (1 / rho) - t_max ** (1 / rho))) ** rho
    return torch.cat([t, torch.zeros(1, dtype=torch.float64)])
