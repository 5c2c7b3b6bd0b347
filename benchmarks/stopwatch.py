"""Time and memory of work on a CPU or a GPU."""

import contextlib
import time

import torch


@contextlib.contextmanager
def replaced(owner, name, value):
    """Something of a module while the block runs."""
    original = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, original)


def wait(device):
    """Until the device has done what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def quickest(work, device, tries=3):
    """Seconds of the quickest of several calls, after one that is not timed."""
    best = float("inf")
    for attempt in range(tries + 1):
        wait(device)
        began = time.perf_counter()
        work()
        wait(device)
        if attempt:
            best = min(best, time.perf_counter() - began)
    return best


def fresh_memory(device):
    if device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def gigabytes(device):
    """The most memory since `fresh_memory`; unknown on a CPU."""
    return torch.cuda.max_memory_allocated(device) / 1e9 if device.startswith("cuda") else None
