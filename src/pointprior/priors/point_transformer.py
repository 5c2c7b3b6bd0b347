"""The point transformer of Point-E (Nichol et al. 2022): attention over points, no positional code."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pointprior.priors.attention import attend, sinusoidal_embedding


class Attention(nn.Module):
    """Multi-head self-attention among the tokens of a cloud."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, h: Float[Tensor, "S T width"]) -> Float[Tensor, "S T width"]:
        q, k, v = self.qkv(h).chunk(3, dim=-1)
        return self.out(attend(q, k, v, self.heads))


class Block(nn.Module):
    """Pre-norm residual attention, then a pre-norm residual perceptron four times as wide."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.norm_mlp = nn.LayerNorm(width)
        widen, narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.mlp = nn.Sequential(widen, nn.GELU(), narrow)
        for layer in (self.attention.qkv, self.attention.out, widen, narrow):
            nn.init.normal_(layer.weight, std=0.25 / math.sqrt(width))
            nn.init.zeros_(layer.bias)

    def forward(self, h: Float[Tensor, "S T width"]) -> Float[Tensor, "S T width"]:
        dtype = self.attention.out.weight.dtype  # the sum h keeps its precision where weights are bfloat16
        h = h + self.attention(self.norm_attention(h).to(dtype))
        return h + self.mlp(self.norm_mlp(h).to(dtype))


class PointTransformer(nn.Module):
    """F(x, c_noise): one token per point and one for the time; permutation equivariant.

    With the paper's width 512, 24 layers and 8 heads it has 77,762,563 parameters.
    """

    def __init__(
        self,
        *,
        width: int = 512,  # features of a token
        layers: int = 24,  # residual blocks
        heads: int = 8,  # attention heads; width/heads is a head's size (64)
    ):
        super().__init__()
        if width % (2 * heads):
            raise ValueError(f"width {width} must be a multiple of twice the number of heads ({heads})")
        self.width = width
        self.recompute = False  # True: blocks are recomputed in the backward pass instead of keeping activations
        self.embed_point = nn.Linear(3, width)
        self.embed_time = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.norm_in = nn.LayerNorm(width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm_out = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3)
        nn.init.zeros_(self.project.weight)  # an untrained denoiser returns c_skip x
        nn.init.zeros_(self.project.bias)

    def flops(self, points: int) -> int:
        """Floating-point operations of a cloud's forward pass: matrix products, without those of the time embedding."""
        tokens, width = points + 1, self.width
        block = 24 * tokens * width**2 + 4 * tokens**2 * width  # 12 width² weights; logits and mixture of the values
        return len(self.blocks) * block + 12 * points * width  # both linear maps of the coordinates

    def forward(self, x: Float[Tensor, "S N 3"], c_noise: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        dtype = self.project.weight.dtype
        time = self.embed_time(sinusoidal_embedding(c_noise, self.width).to(dtype))
        h = torch.cat([time[:, None], self.embed_point(x.to(dtype))], dim=1)  # (S, 1 + N, width)
        h = self.norm_in(h.to(x.dtype))
        recompute = self.recompute and torch.is_grad_enabled()
        for block in self.blocks:
            h = checkpoint(block, h, use_reentrant=False) if recompute else block(h)
        return self.project(self.norm_out(h)[:, 1:].to(dtype))  # (S, N, 3), the time token dropped
