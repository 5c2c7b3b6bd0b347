"""Copies between the CPU and a GPU for which neither waits; on a CPU there is nothing to copy."""

import torch
from jaxtyping import Float
from torch import Tensor


class Arriving:
    """A tensor on its way to the CPU, once the device has computed it.

    Parameters
    ----------
    x : Tensor
        On any device. It must not be changed in place before it has landed.
    """

    def __init__(self, x: Float[Tensor, "*shape"]):
        x = x.detach()
        self._event: torch.cuda.Event | None = None
        if x.device.type == "cpu":
            self._x = x
            return
        self._x = torch.empty(x.shape, dtype=x.dtype, pin_memory=True)
        self._x.copy_(x, non_blocking=True)
        self._event = torch.cuda.Event()
        self._event.record(torch.cuda.current_stream(x.device))

    def landed(self) -> Float[Tensor, "*shape"]:
        """The tensor on the CPU; waits until it is there."""
        if self._event is not None:
            self._event.synchronize()
        return self._x


def sent(x: Float[Tensor, "*shape"], device: str | torch.device) -> Float[Tensor, "*shape"]:
    """A tensor of the CPU on a device; what the device is given next finds it there."""
    if torch.device(device).type == "cpu":
        return x
    return x.pin_memory().to(device, non_blocking=True)  # torch keeps the pinned memory until it is copied
