"""A network that passes messages between nearest neighbours, with latents that see the whole cloud.

Apart from the neighbour search, its cost is linear in the number of points. Distances between neighbours are in units
of their mean in the noisy cloud, so that the local geometry looks alike to a layer at every noise level.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from pointprior.priors.attention import attend, sinusoidal_embedding
from pointprior.priors.messages import mean_messages, nearest_neighbours

RADII = 13  # centres of the radial basis: with the three coordinates 16 features, which suits the matrix units
RADIAL_WIDTH = 0.25  # of a Gaussian of the basis, like the spacing of the centres
VECTORS = 8  # features of every point that come from relative positions, per coordinate


def edge_features(
    x: Float[Tensor, "S N 3"], index: Int[Tensor, "S N k"]
) -> tuple[Float[Tensor, "S N k edge"], Float[Tensor, " S"]]:
    """Relative position and radial basis of every point's neighbours, and the mean distance that is their unit.

    Invariant under translations; rotations and reflections act on the three coordinates and leave the rest as it is.
    """
    # indexed by brackets, the gradient would be summed by several threads, in an order of their own
    neighbours = x.flatten(0, 1).index_select(0, index.flatten()).unflatten(0, index.shape)
    relative = neighbours - x[:, :, None]  # (S, N, k, 3)
    distance = relative.norm(dim=-1, keepdim=True)
    # a point alone has no neighbours, coinciding points no distance
    unit = (distance.sum(dim=(1, 2, 3)) / max(1, index[0].numel())).clamp(min=1e-6)
    relative, distance = relative / unit[:, None, None, None], distance / unit[:, None, None, None]
    centres = RADIAL_WIDTH * torch.arange(RADII, device=x.device)
    radial = torch.exp(-(((distance - centres) / RADIAL_WIDTH) ** 2) / 2)
    return torch.cat([relative, radial], dim=-1), unit


class Modulated(nn.Module):
    """A residual branch whose shift, scale and gate come from a condition (adaLN-zero); the gate starts at zero."""

    def __init__(self, width: int, branch: nn.Module):
        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False)
        self.modulate = nn.Linear(width, 3 * width)
        self.branch = branch
        nn.init.zeros_(self.modulate.weight)
        nn.init.zeros_(self.modulate.bias)

    def forward(
        self, h: Float[Tensor, "S T width"], condition: Float[Tensor, "S width"], *context: Tensor
    ) -> Float[Tensor, "S T width"]:
        shift, scale, gate = self.modulate(condition)[:, None].chunk(3, dim=-1)  # (S, 1, width) each
        return h + gate * self.branch(self.norm(h) * (1 + scale) + shift, *context)


class Messages(nn.Module):
    """Messages between neighbours: their means, alone and multiplied by the relative position."""

    def __init__(self, width: int, message_width: int):
        super().__init__()
        self.receiver = nn.Linear(width, message_width)
        self.sender = nn.Linear(width, message_width, bias=False)
        self.edge = nn.Linear(3 + RADII, message_width, bias=False)
        self.vectors = nn.Linear(message_width, VECTORS, bias=False)
        self.out = nn.Linear(message_width + 3 * VECTORS, width)

    def forward(
        self, h: Float[Tensor, "S N width"], index: Int[Tensor, "S N k"], edges: Float[Tensor, "S N k edge"]
    ) -> Float[Tensor, "S N width"]:
        means = mean_messages(self.sender(h), self.receiver(h), self.edge.weight, index, edges)
        return self.out(torch.cat([means[:, :, 3], self.vectors(means[:, :, :3]).flatten(-2)], dim=-1))


class Attention(nn.Module):
    """Multi-head attention of tokens to others (to themselves, where there are none)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.query, self.key_value = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def forward(
        self, h: Float[Tensor, "S T width"], context: Float[Tensor, "S U width"] | None = None
    ) -> Float[Tensor, "S T width"]:
        k, v = self.key_value(h if context is None else context).chunk(2, dim=-1)
        return self.out(attend(self.query(h), k, v, self.heads))


def perceptron(width: int) -> nn.Sequential:
    """Two linear maps around a GELU."""
    return nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))


class Layer(nn.Module):
    """Messages; latents attend to the points and to each other, points to the latents; a perceptron."""

    def __init__(self, width: int, heads: int, message_width: int):
        super().__init__()
        self.messages = Modulated(width, Messages(width, message_width))
        self.read = Modulated(width, Attention(width, heads))
        self.think = Modulated(width, Attention(width, heads))
        self.latent_perceptron = Modulated(width, perceptron(width))
        self.write = Modulated(width, Attention(width, heads))
        self.perceptron = Modulated(width, perceptron(width))

    def forward(
        self,
        h: Float[Tensor, "S N width"],
        latents: Float[Tensor, "S L width"],
        condition: Float[Tensor, "S width"],
        index: Int[Tensor, "S N k"],
        edges: Float[Tensor, "S N k edge"],
    ) -> tuple[Float[Tensor, "S N width"], Float[Tensor, "S L width"]]:
        h = self.messages(h, condition, index, edges)
        latents = self.read(latents, condition, h)
        latents = self.latent_perceptron(self.think(latents, condition), condition)
        return self.perceptron(self.write(h, condition, latents), condition), latents


class NeighbourNetwork(nn.Module):
    """F(x, c_noise), permutation equivariant. Gradients treat the neighbours as fixed."""

    def __init__(
        self,
        *,
        width: int,  # features of a point and of a latent
        layers: int,
        heads: int,  # of the attention between points and latents
        message_width: int,  # features of a message
        latents: int,
        neighbours: int,  # that send messages to a point
    ):
        super().__init__()
        self.width, self.message_width, self.neighbours = width, message_width, neighbours
        self.recompute = False  # True: layers are recomputed in the backward pass instead of keeping activations
        self.embed_point = nn.Linear(3, width)
        self.embed_time = nn.Sequential(nn.Linear(width + 1, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.latents = nn.Parameter(torch.randn(latents, width))
        self.layers = nn.ModuleList(Layer(width, heads, message_width) for _ in range(layers))
        self.norm_out = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3)
        nn.init.zeros_(self.project.weight)  # an untrained denoiser returns c_skip x
        nn.init.zeros_(self.project.bias)

    def flops(self, points: int) -> int:
        """Floating-point operations of a cloud's forward pass: matrix products, without those of the conditioning."""
        width, latents, k = self.width, len(self.latents), min(self.neighbours, points - 1)
        of_messages = 2 * self.message_width * (3 * width + (3 + RADII + 4) * k + 3 * VECTORS) + 6 * VECTORS * width
        of_point = of_messages + 24 * width**2 + 8 * latents * width
        of_latent = 32 * width**2 + 4 * latents * width
        return len(self.layers) * (points * of_point + latents * of_latent) + 12 * points * width

    def forward(self, x: Float[Tensor, "S N 3"], c_noise: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        index = nearest_neighbours(x.detach(), self.neighbours)
        edges, unit = edge_features(x, index)
        condition = self.condition(c_noise, unit)
        h = self.embed_point(x)
        latents = self.latents.to(h.dtype).expand(len(x), -1, -1)
        recompute = self.recompute and torch.is_grad_enabled()
        for layer in self.layers:
            state = (h, latents, condition, index, edges)
            h, latents = checkpoint(layer, *state, use_reentrant=False) if recompute else layer(*state)
        return self.project(self.norm_out(h))

    def condition(self, c_noise: Float[Tensor, " S"], unit: Float[Tensor, " S"]) -> Float[Tensor, "S width"]:
        """What modulates every layer: the time, and the unit of the distances."""
        time = torch.cat([sinusoidal_embedding(c_noise, self.width), unit.log()[:, None]], dim=-1)
        return self.embed_time(time)
