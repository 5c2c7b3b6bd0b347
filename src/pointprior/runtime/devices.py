"""Which device to compute on, and how fast it is at best."""

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
