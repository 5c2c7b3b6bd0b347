"""Where compiled loops take the place of torch's operations: float32 on a CPU. GPUs and other numbers keep to torch.

What lies between the matrix products of these networks costs as much as the products if every operation is a pass
through memory of its own. A loop in a compiled function does several of them in one pass.
"""

import numpy as np
import torch
from torch import Tensor


def is_compiled(x: Tensor) -> bool:
    """Whether clouds like this are worked on by compiled loops: not where torch compiles, which knows its own alone."""
    return x.device.type == "cpu" and x.dtype == torch.float32 and not torch.compiler.is_compiling()


def arrays(*tensors: Tensor) -> list[np.ndarray]:
    """The tensors' numbers, contiguous; views where they are already."""
    return [tensor.detach().contiguous().numpy() for tensor in tensors]
