"""Training a prior: stages of noise and cloud size, averaged weights, checkpoints that resume exactly.

Every draw of a step comes from a generator keyed by (seed, step), so a run that was stopped and
resumed sees the same clouds, rotations and noise as one that was not.
"""

import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Int
from safetensors import safe_open
from safetensors.torch import save_file
from scipy.spatial.transform import Rotation
from torch import Tensor, nn

from pointprior.priors.denoiser import Prior, PriorError, PriorSpec
from pointprior.priors.diffusion import NoiseDistribution
from pointprior.priors.distributed import anywhere, gathered, processes, rank, replicated, share
from pointprior.priors.point_transformer import PointTransformer
from pointprior.runtime.devices import matrix_rate
from pointprior.runtime.files import written_whole
from pointprior.runtime.seeding import numpy_generator, torch_generator
from pointprior.runtime.signals import on_termination


@dataclass(frozen=True)
class Stage:
    """A stretch of training with one noise distribution and one cloud size."""

    steps: int  # optimiser steps
    batch: int  # clouds a step
    points: int  # random points drawn of every cloud; all of them if there are no more
    noise: NoiseDistribution


@dataclass(frozen=True)
class TrainingPlan:
    """Everything that decides the weights, besides network and data."""

    stages: tuple[Stage, ...]
    learning_rate: float = 1e-4  # after the warm-up
    final_learning_rate: float = 1e-5  # at the end of the cosine
    warmup: int = 100  # steps of linear warm-up
    clip: float = 1.0  # largest gradient norm
    ema_half_life: float = 500_000  # clouds
    ema_ramp: float = 0.05  # the half-life is at most this share of the clouds seen so far
    augmentation: str = "SO3"  # "SO3" proper rotations (molecules), "O3" also mirror images (shapes)
    precision: str = "bfloat16"  # of the network's matrix products: "float32" or "bfloat16"
    seed: int = 0

    @property
    def steps(self) -> int:
        """Optimiser steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def stage_at(self, step: int) -> Stage:
        """The stage that a step (counted from 0) belongs to."""
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        return self.stages[-1]

    def learning_rate_at(self, step: int) -> float:
        """Linear warm-up, then a cosine from `learning_rate` to `final_learning_rate`."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        progress = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.final_learning_rate + (self.learning_rate - self.final_learning_rate) * (
            0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))
        )


class TrainingStopped(RuntimeError):
    """Training was asked to stop; its checkpoint is saved and the next start goes on from it."""


def random_orthogonal(n: int, augmentation: str, generator: np.random.Generator) -> Float[np.ndarray, "n 3 3"]:
    """Uniform rotations ("SO3") or rotations and mirror images ("O3")."""
    matrices = Rotation.random(n, rng=generator).as_matrix()
    if augmentation == "O3":
        matrices *= generator.choice([-1.0, 1.0], size=(n, 1, 1))
    elif augmentation != "SO3":
        raise ValueError(f"unknown augmentation {augmentation!r}; choose SO3 or O3")
    return matrices


def draw_batch(
    clouds: Float[np.ndarray, "n N 3"],
    groups: Int[np.ndarray, " n"],
    stage: Stage,
    augmentation: str,
    generator: np.random.Generator,
) -> Float[Tensor, "S P 3"]:
    """Draw clouds of random groups (families count alike, however many members), rotate and thin them."""
    members = generator.choice(np.unique(groups), stage.batch)
    index = np.array([generator.choice(np.flatnonzero(groups == g)) for g in members])
    points = min(stage.points, clouds.shape[1])
    chosen = np.stack([generator.permutation(clouds.shape[1])[:points] for _ in index])
    batch = np.take_along_axis(clouds[index], chosen[:, :, None], axis=1)
    batch = batch @ random_orthogonal(stage.batch, augmentation, generator).astype(batch.dtype)
    return torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32))


def train(
    spec: PriorSpec,
    plan: TrainingPlan,
    clouds: Float[np.ndarray, "n N 3"],
    groups: Int[np.ndarray, " n"],
    *,
    checkpoint: str | os.PathLike,  # outside the workflow's outputs: a failed rule's outputs are deleted
    device: str = "cpu",
    checkpoint_seconds: float = 300.0,
    initial: Prior | None = None,  # whose weights to start from (of the same network); None: random ones
    compiled: bool = False,  # run the network through torch.compile
    recompute: bool = False,  # keep no activations for the backward pass: a third more work, far less memory
    report: Callable[[dict], None] = lambda row: None,  # called after every step with its curve row
    stop_after: int | None = None,  # stop (with a checkpoint) once this many steps are done in all
) -> Prior:
    """Train a prior and return it with its averaged weights.

    Within a process group (`distributed.process_group`) the processes share each batch; the first of them reports
    and saves checkpoints, which all of them must be able to read.

    Raises
    ------
    TrainingStopped
        On SIGTERM or at `stop_after`, once the checkpoint is written.
    PriorError
        If `initial` is of another network.
    """
    model = _start(spec, plan.seed, initial).to(device)
    model.network.recompute = recompute
    replica = replicated(torch.compile(_Loss(model)) if compiled else _Loss(model), device)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    optimiser = torch.optim.Adam(model.parameters(), lr=plan.learning_rate, betas=(0.9, 0.99))
    state = _State(model, average, optimiser, fingerprint=_fingerprint(spec, plan, clouds, initial))
    first = state.load(checkpoint)
    seen = sum(plan.stage_at(i).batch for i in range(first))
    pace = Pace(plan, spec, first, matrix_rate(device, plan.precision))
    saved_at = time.monotonic()
    terminated = []
    with on_termination(lambda: terminated.append(True)):
        for step in range(first, plan.steps):
            stage = plan.stage_at(step)
            loss, noise_level = _step(replica, optimiser, plan, step, clouds, groups, device)
            seen += stage.batch
            half_life = min(plan.ema_half_life, plan.ema_ramp * seen)
            _average(average, model, decay=0.5 ** (stage.batch / half_life))
            if rank() == 0:
                report(_curve_row(step, seen, plan, loss, noise_level) | pace.after(step))
            asked = anywhere(bool(terminated), device) or (stop_after is not None and step + 1 >= stop_after)
            due = asked or time.monotonic() - saved_at > checkpoint_seconds or step + 1 == plan.steps
            if rank() == 0 and due:
                state.save(checkpoint, step + 1)
                saved_at = time.monotonic()
            if asked and step + 1 < plan.steps:
                raise TrainingStopped(f"stopped after step {step + 1} of {plan.steps}; saved in {checkpoint}")
    model.load_state_dict(average)
    return model.eval().requires_grad_(False)


class Pace:
    """How fast a run goes and how long it still takes, from the matrix products that its steps need.

    Parameters
    ----------
    plan, spec
        The run and its network.
    first : int
        Step that this process starts with.
    peak : float
        FLOP/s that count as all the device can do, per process.
    """

    def __init__(self, plan: TrainingPlan, spec: PriorSpec, first: int, peak: float):
        network = PointTransformer(width=spec.width, layers=spec.layers, heads=spec.heads)
        # a backward pass costs two forward ones
        cost = [3 * stage.batch * network.flops(stage.points) for stage in plan.stages for _ in range(stage.steps)]
        self._total = np.cumsum([0, *cost], dtype=float)
        self._batch = [stage.batch for stage in plan.stages for _ in range(stage.steps)]
        self._peak = peak * processes()
        self._first, self._began = first, time.monotonic()
        self._last = self._began

    def after(self, step: int) -> dict[str, float]:
        """Once a step is done: clouds a second, share of the peak, and seconds left at the pace so far."""
        now = time.monotonic()
        seconds, self._last = now - self._last, now
        done = self._total[step + 1] - self._total[self._first]
        left = (self._total[-1] - self._total[step + 1]) * (now - self._began) / done
        share_of_peak = (self._total[step + 1] - self._total[step]) / seconds / self._peak
        rates = {"clouds_per_second": self._batch[step] / seconds, "share_of_peak": share_of_peak}
        return rates | {"seconds_left": left}


class _Loss(nn.Module):
    """The loss as a forward pass, which is what DistributedDataParallel sees."""

    def __init__(self, prior: Prior):
        super().__init__()
        self.prior = prior

    def forward(self, clean, t, noise):
        return self.prior.loss(clean, t, noise)


@torch.no_grad()
def denoising_error(
    prior: Prior,
    clouds: Float[np.ndarray, "n N 3"],
    *,
    levels: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
    seed: int = 0,
    batch: int = 16,
) -> dict[float, float]:
    """Mean squared denoising error at each noise level t, relative to that of the best linear denoiser of a point.

    With the clouds' own variance s² the latter (Wiener's filter) leaves s² t²/(s² + t²): 1 says that nothing has been
    learnt of how points lie to each other. Unlike the loss, the ratio does not depend on σ_data, so that priors with
    different preconditioning can be compared. The noise is the same at every call.
    """
    device = next(prior.parameters()).device
    variance = float(np.asarray(clouds, dtype=np.float64).var())
    errors = {}
    for level in levels:
        total = 0.0
        for start in range(0, len(clouds), batch):
            clean = torch.from_numpy(np.asarray(clouds[start : start + batch], dtype=np.float32))
            noise = torch.randn(clean.shape, generator=torch_generator(seed, "validation", start))
            t = torch.full((len(clean),), level, device=device)
            denoised = prior((clean + level * noise).to(device), t).cpu()
            total += float((denoised - clean).square().mean(dim=(1, 2)).sum())
        errors[level] = total / len(clouds) / (variance * level**2 / (variance + level**2))
    return errors


def _step(model, optimiser, plan, step, clouds, groups, device):
    """One optimiser step; returns the loss and noise level of every cloud of the batch."""
    stage = plan.stage_at(step)
    generator = torch_generator(plan.seed, "noise", step)
    clean = draw_batch(clouds, groups, stage, plan.augmentation, numpy_generator(plan.seed, "clouds", step))
    t = stage.noise.sample(stage.batch, generator)
    noise = torch.randn(clean.shape, generator=generator)
    own = [share(value).to(device, non_blocking=True) for value in (clean, t, noise)]
    for group in optimiser.param_groups:
        group["lr"] = plan.learning_rate_at(step)
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=plan.precision == "bfloat16"):
        loss = model(*own)
    loss.mean().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
    optimiser.step()
    value = gathered(loss.detach()).cpu().numpy()
    if not np.isfinite(value).all():
        raise FloatingPointError(f"the loss is not finite at step {step}; lower the learning rate")
    return value, t.numpy()


@torch.no_grad()
def _average(average, model, decay):
    for name, value in model.state_dict().items():
        average[name].lerp_(value, 1 - decay)


def _curve_row(step, seen, plan, loss, noise_level) -> dict:
    """Step, clouds seen, loss overall and in three bands of noise."""
    bands = {"low": (0, 0.1), "middle": (0.1, 0.5), "high": (0.5, np.inf)}
    row = {"step": step + 1, "clouds": seen, "learning_rate": plan.learning_rate_at(step), "loss": float(loss.mean())}
    for name, (low, high) in bands.items():
        inside = (noise_level >= low) & (noise_level < high)
        row[f"loss_{name}_noise"] = float(loss[inside].mean()) if inside.any() else float("nan")
    return row


def _start(spec, seed, initial) -> Prior:
    """A network with random weights, or with those of another prior."""
    torch.manual_seed(seed)
    model = Prior(spec)
    if initial is not None:
        if initial.spec != spec:
            raise PriorError(f"training cannot start from a prior of another network: {initial.spec}, not {spec}")
        model.load_state_dict(initial.state_dict())
    return model


def _fingerprint(spec, plan, clouds, initial) -> str:
    """What a checkpoint belongs to."""
    digest = hashlib.sha256(json.dumps([asdict(spec), asdict(plan)], sort_keys=True).encode())
    digest.update(np.ascontiguousarray(clouds, dtype=np.float32).tobytes())
    for value in initial.state_dict().values() if initial is not None else ():
        digest.update(value.detach().cpu().numpy().tobytes())
    return digest.hexdigest()


@dataclass
class _State:
    """Weights, averaged weights and Adam's moments, saved as one safetensors file."""

    model: Prior
    average: dict[str, Tensor]
    optimiser: torch.optim.Adam
    fingerprint: str

    def save(self, path: str | os.PathLike, step: int) -> None:
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.items()}
        for name, parameter in self.model.named_parameters():
            moments = self.optimiser.state[parameter]
            tensors |= {f"{key}.{name}": moments[key] for key in ("exp_avg", "exp_avg_sq", "step")}
        tensors = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        with written_whole(path) as temporary:
            save_file(tensors, temporary, metadata={"step": str(step), "fingerprint": self.fingerprint})

    def load(self, path: str | os.PathLike) -> int:
        """Take up a checkpoint of the same run and return its step; 0 if there is none or it is another's."""
        if not Path(path).exists():
            return 0
        with safe_open(path, framework="pt") as stored:
            metadata = stored.metadata()
            if metadata["fingerprint"] != self.fingerprint:
                return 0
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (no mapping)
        parts = {kind: {} for kind in ("model", "average", "exp_avg", "exp_avg_sq", "step")}
        for name, value in tensors.items():
            kind, _, rest = name.partition(".")
            parts[kind][rest] = value
        self.model.load_state_dict(parts["model"])
        for name, value in parts["average"].items():
            self.average[name].copy_(value)
        for name, parameter in self.model.named_parameters():
            moments = {key: parts[key][name] for key in ("exp_avg", "exp_avg_sq", "step")}
            self.optimiser.state[parameter] = {
                key: value if key == "step" else value.to(parameter.device) for key, value in moments.items()
            }
        return int(metadata["step"])
