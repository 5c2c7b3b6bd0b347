"""Which device to compute on."""

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
