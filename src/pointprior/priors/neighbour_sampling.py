"""The network of neighbours as samplers run it on a CPU: frozen, one cloud at a time, with its gradient written out.

For a single cloud half of the time of `NeighbourNetwork` goes into passes between the matrix products and into keeping
the books of automatic differentiation. Here weights are cast, scaled and joined once, sums over tokens and features
are compiled loops, and only gradients that reach the cloud are computed. Products are in the precision asked for, all
else in float32. A test holds values and gradients to those of `NeighbourNetwork`.

Every part has `forward`, which returns its result and what `backward` needs to turn the gradient by the result into
that by the input. Tokens are rows: there is no axis of clouds.
"""

from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from pointprior.priors import modulation_kernels
from pointprior.priors.compiled import arrays
from pointprior.priors.messages import mean_of_points, nearest_neighbours, pulled_back
from pointprior.priors.neighbour_network import (
    VECTORS,
    Attention,
    Layer,
    Messages,
    Modulated,
    NeighbourNetwork,
    edge_features,
)
from pointprior.runtime.signals import interruptible


class Cloud(NamedTuple):
    """Neighbours of every point, their features, and the gradient by these, to which every layer adds."""

    neighbours: Int[Tensor, "N k"]
    edges: Float[Tensor, "N k edge"]
    of_edges: Float[Tensor, "N k edge"]


class Product:
    """A linear map in the precision of the products."""

    def __init__(self, weight: Float[Tensor, "out in"], bias: Float[Tensor, " out"] | None, dtype: torch.dtype):
        self.weight = weight.detach().to(dtype).contiguous()
        self.bias = None if bias is None else bias.detach().to(dtype)

    def __call__(self, x: Float[Tensor, "T in"]) -> Float[Tensor, "T out"]:
        return functional.linear(x.to(self.weight.dtype), self.weight, self.bias)

    def backward(self, of_result: Float[Tensor, "T out"]) -> Float[Tensor, "T in"]:
        return of_result.to(self.weight.dtype) @ self.weight


class MessagesOf:
    """`Messages`, whose two last maps are one matrix here."""

    def __init__(self, messages: Messages, dtype: torch.dtype):
        self.edge = messages.edge.weight.detach().float()
        ends = torch.cat([messages.sender.weight, messages.receiver.weight])
        bias = messages.receiver.bias
        self.ends = Product(ends, torch.cat([torch.zeros_like(bias), bias]), dtype)
        plain, along = messages.out.weight.split([len(self.edge), 3 * VECTORS], dim=1)
        axes = along.unflatten(1, (3, VECTORS)) @ messages.vectors.weight  # (width, 3, message_width)
        self.out = Product(torch.cat([axes.flatten(1), plain], dim=1), messages.out.bias, dtype)

    def forward(self, y: Float[Tensor, "N width"], cloud: Cloud) -> tuple[Float[Tensor, "N width"], Any]:
        sent, received = (part.contiguous() for part in self.ends(y).float().chunk(2, dim=1))
        means = mean_of_points(sent, received, self.edge, cloud.neighbours, cloud.edges)
        return self.out(means.flatten(1)), (sent, received, cloud)

    def backward(self, of_result: Float[Tensor, "N width"], kept: Any) -> tuple[Float[Tensor, "N width"], None]:
        sent, received, cloud = kept
        of_means = self.out.backward(of_result).float().unflatten(1, (4, -1))
        ends = pulled_back(sent, received, self.edge, cloud.neighbours, cloud.edges, of_means, cloud.of_edges)
        return self.ends.backward(torch.cat(ends, dim=1)), None


class AttentionOf:
    """`Attention`, with the logits' scale within the map of the queries."""

    def __init__(self, attention: Attention, dtype: torch.dtype):
        self.heads = attention.heads
        scale = (attention.out.in_features // self.heads) ** -0.5
        self.query = Product(attention.query.weight * scale, attention.query.bias * scale, dtype)
        self.key_value = Product(attention.key_value.weight, attention.key_value.bias, dtype)
        self.out = Product(attention.out.weight, attention.out.bias, dtype)

    def forward(
        self, y: Float[Tensor, "T width"], context: Float[Tensor, "U width"] | None = None
    ) -> tuple[Float[Tensor, "T width"], Any]:
        q = self._by_head(self.query(y))
        k, v = (self._by_head(part) for part in self.key_value(y if context is None else context).chunk(2, dim=1))
        share = (q @ k.transpose(1, 2)).softmax(dim=-1)  # (heads, T, U)
        return self.out(_by_token(share @ v)), (q, k, v, share, context is None)

    def backward(
        self, of_result: Float[Tensor, "T width"], kept: Any
    ) -> tuple[Float[Tensor, "T width"], Float[Tensor, "U width"] | None]:
        q, k, v, share, to_itself = kept
        of_mixed = self._by_head(self.out.backward(of_result))
        of_share = of_mixed @ v.transpose(1, 2)
        of_logits = torch._softmax_backward_data(of_share, share, -1, share.dtype)
        of_key_value = (_by_token(of_logits.transpose(1, 2) @ q), _by_token(share.transpose(1, 2) @ of_mixed))
        of_y = self.query.backward(_by_token(of_logits @ k))
        of_context = self.key_value.backward(torch.cat(of_key_value, dim=1))
        return (of_y + of_context, None) if to_itself else (of_y, of_context)

    def _by_head(self, rows: Float[Tensor, "T width"]) -> Float[Tensor, "heads T size"]:
        return rows.unflatten(1, (self.heads, -1)).transpose(0, 1).contiguous()


def _by_token(parts: Float[Tensor, "heads T size"]) -> Float[Tensor, "T width"]:
    return parts.transpose(0, 1).flatten(1)


class PerceptronOf:
    """Two linear maps around a GELU."""

    def __init__(self, perceptron: nn.Sequential, dtype: torch.dtype):
        widen, _, narrow = perceptron
        self.widen, self.narrow = (Product(part.weight, part.bias, dtype) for part in (widen, narrow))  # type: ignore[arg-type]

    def forward(self, y: Float[Tensor, "T width"]) -> tuple[Float[Tensor, "T width"], Any]:
        wide = self.widen(y)
        return self.narrow(functional.gelu(wide)), wide

    def backward(self, of_result: Float[Tensor, "T width"], kept: Any) -> tuple[Float[Tensor, "T width"], None]:
        return self.widen.backward(torch.ops.aten.gelu_backward(self.narrow.backward(of_result), kept)), None


BRANCHES = {Messages: MessagesOf, Attention: AttentionOf, nn.Sequential: PerceptronOf}


class ModulatedOf:
    """`Modulated`, given its shift, scale and gate."""

    def __init__(self, modulated: Modulated, dtype: torch.dtype):
        self.branch = BRANCHES[type(modulated.branch)](modulated.branch, dtype)

    def forward(
        self, h: Float[Tensor, "T width"], modulation: Float[Tensor, "3 width"], *context: Any
    ) -> tuple[Float[Tensor, "T width"], Any]:
        result, kept = self.branch.forward(normalised(h, *modulation[:2]), *context)
        result = result.float()
        return torch.addcmul(h, modulation[2], result), (h, modulation, result, kept)

    def backward(
        self, of_h: Float[Tensor, "T width"], kept: Any, of_modulation: Float[Tensor, "3 width"]
    ) -> Float[Tensor, "U width"] | None:
        """Turn `of_h` into the gradient by the input; add to that by shift, scale and gate; return the context's."""
        h, modulation, result, kept = kept
        of_result = torch.empty_like(result)
        with interruptible():
            given = arrays(modulation[2], result, of_h)
            modulation_kernels.gate_backward(*given, of_result.numpy(), of_modulation[2].numpy())
        of_y, of_context = self.branch.backward(of_result, kept)
        normalised_backward(h, modulation[1], of_y.float(), of_h, of_modulation[:2])
        return of_context


def normalised(
    h: Float[Tensor, "T width"], shift: Float[Tensor, " width"], scale: Float[Tensor, " width"]
) -> Float[Tensor, "T width"]:
    """Every token with mean 0 and variance 1 over its features, times 1 + scale, plus shift."""
    result = torch.empty_like(h)
    with interruptible():
        modulation_kernels.normalise(*arrays(h, shift, scale), result.numpy())
    return result


def normalised_backward(
    h: Float[Tensor, "T width"],
    scale: Float[Tensor, " width"],
    of_result: Float[Tensor, "T width"],
    of_h: Float[Tensor, "T width"],
    of_modulation: Float[Tensor, "2 width"],
) -> None:
    """Add the gradients by `h`, shift and scale to what is there."""
    with interruptible():
        sums = (of_h.numpy(), of_modulation[0].numpy(), of_modulation[1].numpy())
        modulation_kernels.normalise_backward(*arrays(h, scale, of_result), *sums)


class LayerOf:
    """`Layer`."""

    ORDER = ("messages", "read", "think", "latent_perceptron", "write", "perceptron")

    def __init__(self, layer: Layer, dtype: torch.dtype):
        self.parts = {name: ModulatedOf(getattr(layer, name), dtype) for name in self.ORDER}

    def forward(
        self,
        h: Float[Tensor, "N width"],
        latents: Float[Tensor, "L width"],
        modulation: Float[Tensor, "6 3 width"],
        cloud: Cloud,
    ) -> tuple[Float[Tensor, "N width"], Float[Tensor, "L width"], Any]:
        kept = {}
        given = dict(zip(self.ORDER, modulation, strict=True))

        def run(name, tokens, *context):
            result, kept[name] = self.parts[name].forward(tokens, given[name], *context)
            return result

        h = run("messages", h, cloud)
        latents = run("latent_perceptron", run("think", run("read", latents, h)))
        return run("perceptron", run("write", h, latents)), latents, kept

    def backward(self, of_h: Tensor, of_latents: Tensor, kept: Any, of_modulation: Float[Tensor, "6 3 width"]) -> None:
        """Turn gradients by the results, in place, into those by the inputs, and add that by the modulation."""
        sums = dict(zip(self.ORDER, of_modulation, strict=True))

        def run(name, of_tokens):
            return self.parts[name].backward(of_tokens, kept[name], sums[name])

        run("perceptron", of_h)
        of_latents += run("write", of_h)
        run("latent_perceptron", of_latents)
        run("think", of_latents)
        of_h += run("read", of_latents)
        run("messages", of_h)


class SamplingNetwork(nn.Module):
    """A frozen `NeighbourNetwork` on a CPU, with its products in `dtype` and gradients by the clouds alone."""

    def __init__(self, network: NeighbourNetwork, dtype: torch.dtype):
        super().__init__()
        self.network = network
        self.layers = [LayerOf(cast(Layer, layer), dtype) for layer in network.layers]
        modulate = [getattr(layer, name).modulate for layer in network.layers for name in LayerOf.ORDER]
        weight, bias = (torch.cat([getattr(part, name) for part in modulate]) for name in ("weight", "bias"))
        self.modulate = Product(weight, bias, torch.float32)  # one row times all of it: only a coarse product packs it
        self.embed_point = Product(network.embed_point.weight, network.embed_point.bias, dtype)
        self.project = Product(network.project.weight, network.project.bias, dtype)
        self.shape = (len(self.layers), len(LayerOf.ORDER), 3, network.width)

    def forward(self, x: Float[Tensor, "S N 3"], c_noise: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        return torch.cat([self._of_cloud(x[s : s + 1], c_noise[s : s + 1]) for s in range(len(x))])

    def _of_cloud(self, x: Float[Tensor, "1 N 3"], c_noise: Float[Tensor, " 1"]) -> Float[Tensor, "1 N 3"]:
        index = nearest_neighbours(x.detach(), self.network.neighbours)
        edges, unit = edge_features(x, index)
        condition = self.network.condition(c_noise, unit)
        return _WrittenOut.apply(self, x[0], condition, index[0], edges[0])[None]

    def evaluated(self, x: Tensor, condition: Tensor, cloud: Cloud) -> tuple[Float[Tensor, "N 3"], Any]:
        """The result for a cloud, and what `pulled_back` needs."""
        modulation = self.modulate(condition).view(self.shape)
        h, latents, kept = self.embed_point(x).float(), self.network.latents.detach(), []
        for layer, own in zip(self.layers, modulation, strict=True):
            h, latents, of_layer = layer.forward(h, latents, own, cloud)
            kept.append(of_layer)
        norm = self.network.norm_out
        return self.project(normalised(h, norm.bias, norm.weight - 1)).float(), (h, latents, kept, cloud)

    def pulled_back(self, of_result: Float[Tensor, "N 3"], kept: Any) -> tuple[Tensor, Tensor, Tensor]:
        """Gradients by the points, the condition and the edges' features."""
        h, latents, kept_by_layer, cloud = kept
        of_h, of_latents = torch.zeros_like(h), torch.zeros_like(latents)
        of_norm, of_modulation = h.new_zeros(2, h.shape[1]), h.new_zeros(self.shape)
        scale = self.network.norm_out.weight - 1
        normalised_backward(h, scale, self.project.backward(of_result).float(), of_h, of_norm)
        for layer, own, sums in reversed(list(zip(self.layers, kept_by_layer, of_modulation, strict=True))):
            layer.backward(of_h, of_latents, own, sums)
        of_condition = self.modulate.backward(of_modulation.view(1, -1))
        return self.embed_point.backward(of_h).float(), of_condition, cloud.of_edges


class _WrittenOut(torch.autograd.Function):
    @staticmethod
    def forward(ctx, network, x, condition, index, edges):
        result, ctx.kept = network.evaluated(x, condition, Cloud(index, edges, torch.zeros_like(edges)))
        ctx.network = network
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx, of_result):
        of_x, of_condition, of_edges = ctx.network.pulled_back(of_result, ctx.kept)
        return None, of_x, of_condition, None, of_edges
