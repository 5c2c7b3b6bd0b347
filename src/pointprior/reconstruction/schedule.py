"""When a sampler evaluates the denoiser, and how much noise it adds back: schedules are data."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pointprior.reconstruction.settings.ranges import CROWDING, FIRST_TIME, LAST_TIME, TIME_STEPS, check_descent
from pointprior.runtime.settings import Settings, about, choices

NoiseControl = Callable[[float], float]
NoiseControlName = Literal["0", "1/t", "1/t above 0.15, else 0", "1/t above 1, else 1", "1/t above 0.8, else 1"]
Integrator = Literal["paper", "heun", "euler"]  # "paper": Algorithm 1 as printed

# β(t): how much noise the reverse SDE re-injects; the paper's choices, by name
NOISE_CONTROLS: dict[str, NoiseControl] = {
    "0": lambda t: 0.0,  # the probability-flow ODE
    "1/t": lambda t: 1 / t,  # Anderson's reverse SDE
    "1/t above 0.15, else 0": lambda t: 1 / t if t > 0.15 else 0.0,
    "1/t above 1, else 1": lambda t: 1 / t if t > 1 else 1.0,
    "1/t above 0.8, else 1": lambda t: 1 / t if t > 0.8 else 1.0,
}
INTEGRATORS = choices(Integrator)


def time_steps(steps: int, *, t_max: float, t_min: float = 0.002, rho: float = 3.0) -> list[float]:
    """Karras et al.'s decreasing times t_0 = t_max > ... > t_{N-1} = t_min > t_N = 0.

    Raises
    ------
    ValueError
        If there are fewer than two steps, or not 0 < t_min < t_max.
    """
    import torch  # here, since settings are read without it; the powers of another library differ in the last bit

    if steps < 2:
        raise ValueError(f"{steps} time steps are too few; two is the least")
    if not 0 < t_min < t_max:
        raise ValueError(f"times must satisfy 0 < t_min ({t_min}) < t_max ({t_max})")
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    times = (t_max ** (1 / rho) + ramp * (t_min ** (1 / rho) - t_max ** (1 / rho))) ** rho
    return [*times.tolist(), 0.0]


@dataclass(frozen=True)
class Schedule(Settings):
    """Time steps of a sampler, its noise control and its integrator; the defaults are the paper's."""

    steps: int = field(default=40, metadata=about("time steps", **TIME_STEPS))
    t_max: float = field(default=1.0, metadata=FIRST_TIME)
    t_min: float = field(default=0.002, metadata=LAST_TIME)
    rho: float = field(default=3.0, metadata=CROWDING)
    beta: NoiseControlName = field(default="1/t", metadata=about("noise control β(t)"))
    integrator: Integrator = field(default="paper", metadata=about("how a step is taken"))

    def __post_init__(self):
        super().__post_init__()
        check_descent(self.t_max, self.t_min)

    def times(self) -> list[float]:
        """Times t_0 > ... > t_N = 0."""
        return time_steps(self.steps, t_max=self.t_max, t_min=self.t_min, rho=self.rho)

    @property
    def noise_control(self) -> NoiseControl:
        """β as a function of t."""
        return NOISE_CONTROLS[self.beta]

    @property
    def nfe(self) -> int:
        """Network evaluations of a trajectory: one per score, and the last step has no correction."""
        return self.steps if self.integrator == "euler" else 2 * self.steps - 1


@dataclass(frozen=True)
class Unconditional(Schedule):
    """Sampling the prior without measurements: the control `prior`."""

    steps: int = field(default=100, metadata=about("time steps; fewer from t = 80 blow the clouds up", **TIME_STEPS))
    t_max: float = field(default=80.0, metadata=FIRST_TIME)
    beta: NoiseControlName = field(default="1/t above 0.8, else 1", metadata=about("noise control β(t)"))
