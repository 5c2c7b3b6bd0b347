"""What a method is given: measurements, never the truth, and a computational budget."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pointprior.measurements.energy import Energy
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import NoiseControlName
from pointprior.reconstruction.settings.poses import PoseErrors


@dataclass(frozen=True)
class Problem:
    """One structure's measurements in one task, for one method.

    Attributes
    ----------
    energy : Energy
        The measurements.
    key : tuple
        Key of the random draws: (seed, structure, task, method).
    samples : int
        Samples to return.
    alpha : float
        The task's guidance strength α, for the Frobenius sum.
    beta : str
        The task's noise control β(t), by name.
    steps : int
        Time steps of diffusion posterior sampling in the task.
    nfe : int
        Gradients that it evaluates there: the budget for a comparison at equal cost.
    execution : Execution
        Device, batch and precision.
    prior : Path, optional
        Folder of the prior, for samplers.
    initial : Reconstruction, optional
        Another method's samples, for a method whose settings name it as `initial`.
    pose_errors : PoseErrors
        How wrong the measurements' poses may be, for methods that refine them.
    progress : callable
        To be called with the number of samples that have finished a step.
    """

    energy: Energy
    key: tuple[str | int, ...]
    samples: int
    alpha: float
    beta: NoiseControlName
    steps: int
    nfe: int
    execution: Execution = Execution()
    prior: Path | None = None
    initial: Reconstruction | None = None
    pose_errors: PoseErrors = PoseErrors()
    progress: Callable[[int], None] = lambda samples: None

    @property
    def prior_folder(self) -> Path:
        """Folder of the prior, for a method that needs one."""
        if self.prior is None:
            raise ValueError("this method needs a prior: set `prior` of the problem to its folder")
        return self.prior

    @property
    def points(self) -> int:
        """Points N of a sample."""
        return self.energy.observations.points
