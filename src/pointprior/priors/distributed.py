"""Several processes that train one prior, one per GPU, as `torchrun` or a scheduler starts them.

Every process draws the whole batch from the step's generator and works on its share of it, so that the number of
processes changes a run at most by the rounding of sums.
"""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.multiprocessing import ProcessExitedException, ProcessRaisedException

from pointprior.runtime.signals import on_termination


class WorkerError(RuntimeError):
    """One of several processes failed; the message is that process's own."""


def rank() -> int:
    """Rank of this process: 0 for the first or only one."""
    return dist.get_rank() if dist.is_initialized() else 0


def world_size() -> int:
    """Number of processes."""
    return dist.get_world_size() if dist.is_initialized() else 1


def launch(worker: Callable[..., None], processes: int, *arguments) -> None:
    """Run `worker(*arguments)` in several processes of this machine, each with the environment of its rank.

    SIGTERM is passed on to all of them, and they divide this process's threads. `worker` must be importable, its
    arguments picklable, and the main script guarded by ``if __name__ == "__main__"``, since every process imports it.

    Raises
    ------
    WorkerError
        If one of them fails; the others are terminated.
    """
    if processes == 1:
        worker(*arguments)
        return
    started = torch.multiprocessing.start_processes(
        _as_rank,
        (worker, processes, free_port(), max(1, torch.get_num_threads() // processes), arguments),
        nprocs=processes,
        join=False,
        start_method="spawn",
    )
    with on_termination(lambda: [process.terminate() for process in started.processes]):
        try:
            while not started.join():
                pass
        except (ProcessRaisedException, ProcessExitedException) as problem:
            raise WorkerError(str(problem).strip().splitlines()[-1]) from problem


def free_port() -> int:
    """A free port of this machine."""
    with socket.socket() as free:
        free.bind(("", 0))
        return free.getsockname()[1]


def _as_rank(number, worker, processes, port, threads, arguments):
    torch.set_num_threads(threads)
    os.environ |= {"RANK": str(number), "LOCAL_RANK": str(number), "WORLD_SIZE": str(processes)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    worker(*arguments)


@contextmanager
def process_group(device: str) -> Iterator[str]:
    """Join the other processes, if the environment names any, and yield the device to compute on.

    What `torchrun` sets (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT) decides. GPUs communicate through
    NCCL, CPUs through gloo.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield device
        return
    if torch.device(device).type == "cuda":
        # SLURM may show every process its own GPU alone
        device = f"cuda:{int(os.environ.get('LOCAL_RANK', '0')) % torch.cuda.device_count()}"
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.startswith("cuda") else "gloo")
    try:
        yield device
    finally:
        dist.destroy_process_group()


def data_parallel(model: nn.Module, device: str) -> nn.Module:
    """The model whose gradients are means over all processes; the model itself if there is only one."""
    if world_size() == 1:
        return model
    ids = [torch.device(device)] if device.startswith("cuda") else None
    return nn.parallel.DistributedDataParallel(model, device_ids=ids)


def local_batch(batch: Shaped[Tensor, " S *rest"]) -> Shaped[Tensor, " s *rest"]:
    """This process's share of a batch.

    Raises
    ------
    ValueError
        If the batch cannot be shared equally: gradients would be weighted wrongly.
    """
    if len(batch) % world_size():
        raise ValueError(f"a batch of {len(batch)} clouds cannot be shared equally by {world_size()} processes")
    return batch.tensor_split(world_size())[rank()]


def all_gather(part: Float[Tensor, " s"]) -> Float[Tensor, " S"]:
    """The shares of all processes, in the order of the batch."""
    if world_size() == 1:
        return part
    parts = [torch.empty_like(part) for _ in range(world_size())]
    dist.all_gather(parts, part.contiguous())
    return torch.cat(parts)


def any_rank(condition: bool, device: str) -> bool:
    """Whether the condition holds in any process; all of them get the same answer."""
    if world_size() == 1:
        return condition
    flag = torch.tensor([float(condition)], device=device)
    dist.all_reduce(flag, op=dist.ReduceOp.MAX)
    return bool(flag.item())
