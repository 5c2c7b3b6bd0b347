"""The training loop: Adam on the denoising loss, averaged weights, checkpoints at intervals and on termination."""

import logging
import os
import time
from collections.abc import Callable
from typing import cast

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.distributed import all_gather, any_rank, data_parallel, local_batch, rank, world_size
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.batches import Batch, draw_batch
from pointprior.priors.training.checkpoints import TrainingState, fingerprint
from pointprior.priors.training.plan import TrainingExecution, TrainingPlan
from pointprior.priors.training.progress import Pace, curve_row
from pointprior.runtime.devices import choose_device, choose_precision, matrix_rate, respect_thread_limit
from pointprior.runtime.signals import on_termination


class TrainingStopped(RuntimeError):
    """Training was asked to stop; its checkpoint is saved, and the next start resumes from it."""


def train(
    spec: NetworkSpec,
    plan: TrainingPlan,
    clouds: Float[np.ndarray, "n N 3"],
    groups: Int[np.ndarray, " n"],
    *,
    checkpoint: str | os.PathLike,
    execution: TrainingExecution,
    seed: int = 0,
    counts: Int[np.ndarray, " n"] | None = None,
    initial: Denoiser | None = None,
    report: Callable[[dict], None] = lambda row: None,
) -> Denoiser:
    """Train a denoiser and return it with its averaged weights.

    Within a process group (`distributed.process_group`) the processes share each batch; the first of them reports
    and saves checkpoints, which all of them must be able to read.

    Parameters
    ----------
    spec : NetworkSpec
        The denoiser to train.
    plan : TrainingPlan
        How to train it.
    clouds : ndarray, shape=(n, N, 3), dtype=float32
        What to learn from (in units of the cube).
    groups : ndarray, shape=(n,), dtype=int
        Family of each cloud; families count equally.
    checkpoint : path
        File to resume from, if it belongs to the same run, and to save to. In a workflow it must be no output of the
        rule: a failed rule's outputs are deleted.
    execution : TrainingExecution
        How to compute it. The number of nodes and GPUs is that of the process group, whatever it says.
    seed : int
        Seed of the random weights and of every step's draws.
    counts : ndarray, shape=(n,), dtype=int, optional
        How many rows of `clouds` are each cloud's own, the first ones; all by default.
    initial : Denoiser, optional
        Denoiser of the same network whose weights to start from; random ones by default.
    report : callable, optional
        Called after every step with its row of the training curve.

    Raises
    ------
    TrainingStopped
        On SIGTERM, once the checkpoint is written.
    PriorError
        If `initial` is of another network.
    FloatingPointError
        If the loss is not finite.
    """
    device = choose_device(execution.device)
    state = TrainingState.start(spec, seed=seed, initial=initial, device=device)
    model = _trainable(state.model, execution, device)
    run = fingerprint(spec, plan, clouds, seed=seed, counts=counts, initial=initial)
    first = state.load(checkpoint, run=run)
    precision = choose_precision(plan.precision, device)
    logging.getLogger(__name__).info("the network learns in %s on %s", precision, device)
    pace = Pace(plan, state.model.network, first, peak=matrix_rate(device, precision) * world_size())
    saved_at, terminated = time.monotonic(), []
    with on_termination(lambda: terminated.append(True)):
        for step in range(first, plan.steps):
            batch = draw_batch(clouds, groups, plan, seed=seed, step=step, counts=counts)
            loss = take_step(model, state.optimiser, plan, step, batch, device)
            state.update_average(plan.ema_decay_at(step))
            if rank() == 0:
                report(curve_row(plan, step, loss, batch.t.numpy()) | pace.after(step))
            stopping = any_rank(bool(terminated), device)
            overdue = time.monotonic() - saved_at > execution.checkpoint_seconds
            if rank() == 0 and (stopping or overdue or step + 1 == plan.steps):
                state.save(checkpoint, step=step + 1, run=run)
                saved_at = time.monotonic()
            if stopping and step + 1 < plan.steps:
                raise TrainingStopped(f"stopped after step {step + 1} of {plan.steps}; saved in {checkpoint}")
    return state.averaged()


class Loss(nn.Module):
    """The loss as a forward pass, which is what DistributedDataParallel sees."""

    def __init__(self, denoiser: Denoiser):
        super().__init__()
        self.denoiser = denoiser

    def forward(self, clean, t, noise):
        return self.denoiser.loss(clean, t, noise)


def _trainable(denoiser: Denoiser, execution: TrainingExecution, device: str) -> nn.Module:
    """The denoiser's loss, compiled, recomputed and shared among processes as asked."""
    denoiser.network.recompute = execution.recompute
    loss = Loss(denoiser)
    compiled = cast(nn.Module, torch.compile(loss)) if execution.compile else loss  # a module gives a module
    return data_parallel(compiled, device)


def take_step(
    model: nn.Module, optimiser, plan: TrainingPlan, step: int, batch: Batch, device: str = "cpu"
) -> Float[np.ndarray, " S"]:
    """Take an optimiser step of a `Loss` and return the loss of every cloud of the batch."""
    respect_thread_limit()
    for group in optimiser.param_groups:
        group["lr"] = plan.learning_rate_at(step)
    optimiser.zero_grad(set_to_none=True)
    own = [local_batch(value).to(device, non_blocking=True) for value in batch]
    coarse = choose_precision(plan.precision, device) == "bfloat16"
    with torch.autocast(torch.device(device).type, torch.bfloat16, enabled=coarse):
        loss: Float[Tensor, " s"] = model(*own)
    loss.mean().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
    optimiser.step()
    losses = all_gather(loss.detach()).cpu().numpy()
    if not np.isfinite(losses).all():
        raise FloatingPointError(f"the loss is not finite at step {step}; lower the learning rate")
    return losses
