"""Which device to compute on, and how fast it is at best."""

import os
import time

import torch


def choose_device(name: str = "auto") -> str:
    """The device of that name; "auto" is the GPU if there is one.

    Raises
    ------
    RuntimeError
        If a GPU is asked for by name and torch sees none.
    """
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if torch.device(name).type == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(f"device {name!r} is asked for, but torch finds no GPU; say auto or cpu")
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
