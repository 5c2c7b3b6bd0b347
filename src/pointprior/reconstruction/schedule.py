"""When a sampler evaluates the denoiser, and how much noise it puts back: schedules are data."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

NoiseControl = Callable[[float], float]

# β(t): how much noise the reverse SDE re-injects; the paper's choices, by name
NOISE_CONTROLS: dict[str, NoiseControl] = {
    "0": lambda t: 0.0,  # the probability-flow ODE
    "1/t": lambda t: 1 / t,  # Anderson's reverse SDE
    "1/t above 0.15, else 0": lambda t: 1 / t if t > 0.15 else 0.0,
    "1/t above 1, else 1": lambda t: 1 / t if t > 1 else 1.0,
    "1/t above 0.8, else 1": lambda t: 1 / t if t > 0.8 else 1.0,
}
INTEGRATORS = ("paper", "heun", "euler")


def time_steps(steps: int, *, t_max: float, t_min: float = 0.002, rho: float = 3.0) -> Float[Tensor, " steps_1"]:
    """Karras et al.'s decreasing times t_0 = t_max > ... > t_{N-1} = t_min > t_N = 0 (float64)."""
    if steps < 2:
        raise ValueError(f"{steps} time steps are too few; two is the least")
    if not 0 < t_min < t_max:
        raise ValueError(f"times must satisfy 0 < t_min ({t_min}) < t_max ({t_max})")
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    t = (t_max ** (1 / rho) + ramp * (t_min ** (1 / rho) - t_max ** (1 / rho))) ** rho
    return torch.cat([t, torch.zeros(1, dtype=torch.float64)])


@dataclass(frozen=True)
class Schedule:
    """Time steps of a sampler, its noise control and its integrator; the defaults are the paper's.

    Attributes
    ----------
    steps : int
        Time steps N.
    t_max, t_min : float
        First time and last time above zero, in units of the cube.
    rho : float
        How much the steps crowd towards `t_min`.
    beta : str
        Noise control β(t), a name in `NOISE_CONTROLS`.
    integrator : str
        "paper" (Algorithm 1 as printed), "heun" or "euler".
    """

    steps: int = 40
    t_max: float = 1.0
    t_min: float = 0.002
    rho: float = 3.0
    beta: str = "1/t"
    integrator: str = "paper"

    def __post_init__(self):
        for name, choices in (("beta", NOISE_CONTROLS), ("integrator", INTEGRATORS)):
            if getattr(self, name) not in choices:
                raise ValueError(f"unknown {name} {getattr(self, name)!r}; choose one of {', '.join(choices)}")

    def times(self) -> list[float]:
        """Times t_0 > ... > t_N = 0."""
        return time_steps(self.steps, t_max=self.t_max, t_min=self.t_min, rho=self.rho).tolist()

    @property
    def noise_control(self) -> NoiseControl:
        """β as a function of t."""
        return NOISE_CONTROLS[self.beta]

    @property
    def nfe(self) -> int:
        """Network evaluations of a trajectory: one per score, and the last step has no correction."""
        return self.steps if self.integrator == "euler" else 2 * self.steps - 1
