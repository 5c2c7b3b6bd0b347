"""Which device to compute on, and how fast it is at best."""

import os
import re
import time

import torch

from pointprior.runtime.settings import DEVICE


class DeviceError(ValueError):
    """A device that this machine does not have."""


def choose_device(name: str = "auto") -> str:
    """The device of that name; "auto" is the GPU if there is one.

    Raises
    ------
    DeviceError
        If there is no device of that name, or a GPU is asked for and torch sees none, or none of that number.
    """
    if not re.fullmatch(DEVICE, name):
        raise DeviceError(f"there is no device {name!r}; say auto, cpu, cuda, or cuda:1 for the second GPU")
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name != "cpu" and int(name.partition(":")[2] or 0) >= gpus:
        found = f"{gpus} GPU{'s' * (gpus > 1)}, counted from cuda:0" if gpus else "no GPU"
        raise DeviceError(f"device {name!r} is asked for, but torch finds {found}; say auto or cpu")
    return name


def choose_precision(name: str, device: str) -> str:
    """The precision of that name; "auto" is bfloat16 where the processor has instructions for it, else float32.

    It is a fact about the machine and no timing, so that a job repeated there gives the same numbers.
    """
    if name != "auto":
        return name
    if torch.device(device).type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported() else "float32"


def respect_thread_limit() -> None:
    """Let torch use no more threads than OpenMP gives it (`OMP_THREAD_LIMIT`).

    Beyond the limit some of them never start, and bfloat16 products on a CPU (oneDNN, torch 2.13) silently lack their
    part: what stood in that memory before is taken for the result.
    """
    limit = os.environ.get("OMP_THREAD_LIMIT", "")
    if limit.isdecimal() and 0 < int(limit) < torch.get_num_threads():
        torch.set_num_threads(int(limit))


def matrix_rate(device: str, precision: str, *, tries: int = 20) -> float:
    """FLOP/s of a large matrix product on a device: what "share of the peak" is a share of.

    Measured, because what a data sheet promises depends on clocks, cores and threads that a job may not have.
    """
    dtype = {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]
    size = 8192 if torch.device(device).type == "cuda" else 1024
    a = torch.ones(size, size, device=device, dtype=dtype)
    best = float("inf")
    for _ in range(tries):
        began = time.perf_counter()
        (a @ a)[0, 0].item()  # asking for a value waits for the device
        best = min(best, time.perf_counter() - began)
    return 2 * size**3 / best
