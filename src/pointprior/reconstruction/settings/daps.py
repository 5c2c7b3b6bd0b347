"""Settings of decoupled annealing posterior sampling."""

from dataclasses import dataclass, field

from pointprior.reconstruction.settings.descent import Descent
from pointprior.reconstruction.settings.ranges import TIME_STEPS
from pointprior.runtime.settings import about


@dataclass(frozen=True)
class Settings(Descent):
    """Decoupled annealing posterior sampling (DAPS): denoise, Langevin on the measurements, put noise back."""

    steps: int = field(default=40, metadata=about("noise levels", **TIME_STEPS))
    flow_steps: int = field(
        default=1,
        metadata=about(
            "steps of the probability flow that denoises, an evaluation of the network each; 1: the expected cloud",
            ge=1,
            le=1000,
            why="each is an evaluation of the network at every level",
        ),
    )
    langevin_steps: int = field(
        default=4,
        metadata=about(
            "steps of Langevin dynamics at every level, a matching each",
            ge=1,
            le=10_000,
            why="each is a matching of all points at every level",
        ),
    )
    langevin_step: float = field(
        default=2.0,
        metadata=about(
            "length of such a step, in relaxation times of the dynamics",
            ge=1e-4,
            le=100,
            why="2 forgets all but 14 % of where it was; tens are as good as infinity",
        ),
    )

    @property
    def nfe(self) -> int:
        """Evaluations of the network: at the last level, t_min, the flow has one step."""
        return (self.steps - 1) * self.flow_steps + 1
