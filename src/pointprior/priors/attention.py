"""What the networks share: the embedding of time, and attention."""

import math

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional


def sinusoidal_embedding(time: Float[Tensor, " S"], width: int, period: float = 1e4) -> Float[Tensor, "S width"]:
    """Cosines and sines of `time` at `width`/2 frequencies from 1 down to 1/`period`."""
    half = width // 2
    frequencies = torch.exp(-math.log(period) / half * torch.arange(half, device=time.device, dtype=torch.float32))
    angles = time[:, None].float() * frequencies  # (S, width/2)
    return torch.cat([angles.cos(), angles.sin()], dim=-1)


def attend(
    q: Float[Tensor, "S T width"], k: Float[Tensor, "S U width"], v: Float[Tensor, "S U width"], heads: int
) -> Float[Tensor, "S T width"]:
    """Multi-head scaled dot-product attention of T queries to U keys; the heads share the width."""
    q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (q, k, v))  # (S, heads, T, width/heads)
    if q.device.type == "cpu" and q.dtype == torch.bfloat16:  # the fused CPU kernel gains nothing from bfloat16
        mixed = ((q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)).softmax(dim=-1) @ v
    else:
        mixed = functional.scaled_dot_product_attention(q, k, v)
    return mixed.transpose(1, 2).flatten(-2)
