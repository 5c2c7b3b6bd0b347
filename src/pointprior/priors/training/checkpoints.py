"""The state of a training run, and its checkpoints, from which it resumes exactly where it stopped."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from pointprior.priors.card import PriorError
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import TrainingPlan
from pointprior.runtime.files import atomic_write

MOMENTS = ("exp_avg", "exp_avg_sq", "step")  # what Adam keeps of each parameter


def fingerprint(
    spec: NetworkSpec,
    plan: TrainingPlan,
    clouds: Float[np.ndarray, "n N 3"],
    *,
    seed: int,
    counts: Int[np.ndarray, " n"] | None = None,
    initial: Denoiser | None = None,
) -> str:
    """Identifies a run's checkpoints: SHA-256 of everything that decides the weights."""
    digest = hashlib.sha256(json.dumps([spec.described(), asdict(plan), seed], sort_keys=True).encode())
    digest.update(np.ascontiguousarray(clouds, dtype=np.float32).tobytes())
    if counts is not None and (counts != clouds.shape[1]).any():
        digest.update(np.ascontiguousarray(counts, dtype=np.int64).tobytes())
    for value in initial.state_dict().values() if initial is not None else ():
        digest.update(value.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


@dataclass
class TrainingState:
    """Weights, averaged weights and Adam's moments.

    Attributes
    ----------
    model : Denoiser
        The denoiser that is trained.
    average : dict of str to Tensor
        Exponential moving averages of its weights, by name.
    optimiser : Adam
        Of the model's parameters.
    """

    model: Denoiser
    average: dict[str, Tensor]
    optimiser: torch.optim.Adam

    @classmethod
    def start(
        cls, spec: NetworkSpec, *, seed: int, initial: Denoiser | None = None, device: str = "cpu"
    ) -> "TrainingState":
        """The state before the first step: random weights, or those of another denoiser.

        Raises
        ------
        PriorError
            If `initial` is of another network.
        """
        if initial is not None and initial.spec != spec:
            raise PriorError(f"training cannot start from a prior of another network: {initial.spec}, not {spec}")
        torch.manual_seed(seed)
        model = Denoiser(spec)
        if initial is not None:
            model.load_state_dict(initial.state_dict())
        model.to(device)
        average = {name: value.detach().clone() for name, value in model.state_dict().items()}
        return cls(model, average, torch.optim.Adam(model.parameters(), betas=(0.9, 0.99)))

    @torch.no_grad()
    def update_average(self, decay: float) -> None:
        """Move the averaged weights towards the current ones."""
        for name, value in self.model.state_dict().items():
            self.average[name].lerp_(value, 1 - decay)

    def averaged(self) -> Denoiser:
        """The denoiser with its averaged weights, frozen."""
        self.model.load_state_dict(self.average)
        return self.model.eval().requires_grad_(False)

    def save(self, path: str | os.PathLike, *, step: int, run: str) -> None:
        """Write a checkpoint (safetensors) after `step` steps of the run with the fingerprint `run`."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for name, parameter in self.model.named_parameters():
            moments = self.optimiser.state[parameter]
            tensors |= {f"{key}.{name}": moments[key] for key in MOMENTS}
        tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        with atomic_write(path) as temporary:
            save_file(tensors, temporary, metadata={"step": str(step), "fingerprint": run})

    def load(self, path: str | os.PathLike, *, run: str) -> int:
        """Resume from a checkpoint of the run with the fingerprint `run`.

        Returns
        -------
        int
            Steps done: 0 if there is no checkpoint, or it belongs to another run.
        """
        stored = _read(path, run)
        if stored is None:
            return 0
        step, parts = stored
        self.model.load_state_dict(parts["model"])
        for name, value in parts["average"].items():
            self.average[name].copy_(value)
        for name, parameter in self.model.named_parameters():
            moments = {key: parts[key][name] for key in MOMENTS}
            self.optimiser.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device) for key, value in moments.items()
            }
        return step


def _read(path, run) -> tuple[int, dict[str, dict[str, Tensor]]] | None:
    """Steps and tensors (by what they are, then by name) of a run's checkpoint; None if there is none."""
    if not Path(path).exists():
        return None
    with safe_open(path, framework="pt") as stored:
        metadata = stored.metadata()
        if metadata["fingerprint"] != run:
            return None
        tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (no mapping)
    parts: dict[str, dict[str, Tensor]] = {kind: {} for kind in ("model", "average", *MOMENTS)}
    for name, value in tensors.items():
        kind, _, rest = name.partition(".")
        parts[kind][rest] = value
    return int(metadata["step"]), parts
