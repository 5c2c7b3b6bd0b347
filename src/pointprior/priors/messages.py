"""Means of the messages that points receive from their neighbours, as tensors or compiled for a CPU.

The compiled form keeps no tensor of messages: its backward pass computes them again. It is for float32 on a CPU;
GPUs and other numbers take the plain form.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd
from torch.autograd.function import once_differentiable
from torch.nn import functional

from pointprior.priors import message_kernels
from pointprior.priors.compiled import arrays, is_compiled
from pointprior.runtime.signals import interruptible

BLOCK = 128  # points: messages of 16 neighbours and width 64 take half a megabyte


def nearest_neighbours(x: Float[Tensor, "S N 3"], k: int) -> Int[Tensor, "S N k"]:
    """Every point's `k` nearest others (all others, if there are fewer): indices into the points of all clouds."""
    clouds, points = x.shape[:2]
    search = _searched if is_compiled(x) else _sorted
    return search(x, min(k, points - 1)) + points * torch.arange(clouds, device=x.device)[:, None, None]


def _sorted(x: Tensor, k: int) -> Tensor:
    distance = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")  # exact, so that clouds do not mix
    distance.diagonal(dim1=1, dim2=2).fill_(torch.inf)
    return distance.topk(k, largest=False).indices


def _searched(x: Tensor, k: int) -> Tensor:
    return torch.from_numpy(message_kernels.nearest(x.numpy(), k))


def mean_messages(
    sent: Float[Tensor, "S N m"],
    received: Float[Tensor, "S N m"],
    weight: Float[Tensor, "m edge"],
    index: Int[Tensor, "S N k"],
    edges: Float[Tensor, "S N k edge"],
) -> Float[Tensor, "S N 4 m"]:
    """Means over a point's neighbours of silu(sent + received + weight edge), times x, y, z of the edge and times 1."""
    if is_compiled(edges):
        return _compiled(sent.float(), received.float(), weight.float(), index, edges)
    return plain_mean_messages(sent, received, weight, index, edges)


def plain_mean_messages(sent: Tensor, received: Tensor, weight: Tensor, index: Tensor, edges: Tensor) -> Tensor:
    """`mean_messages` in torch's operations."""
    edges = edges.to(sent.dtype)
    sent = sent.flatten(0, 1).index_select(0, index.flatten()).unflatten(0, index.shape)
    message = functional.silu(sent + functional.linear(edges, weight) + received[:, :, None])  # (S, N, k, m)
    weights = functional.pad(edges[..., :3], (0, 1), value=1.0)  # (S, N, k, 4)
    return weights.transpose(-1, -2) @ message / max(1, index.shape[-1])


def _compiled(sent: Tensor, received: Tensor, weight: Tensor, index: Tensor, edges: Tensor) -> Tensor:
    clouds = index.shape[:1]
    sent, received, index, edges = (part.flatten(0, 1) for part in (sent, received, index, edges))
    return _MeanMessages.apply(sent, received, weight, index, edges).unflatten(0, (*clouds, -1))


class _MeanMessages(torch.autograd.Function):
    """The compiled form, for the points of all clouds in one row."""

    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx, sent, received, weight, index, edges):
        ctx.save_for_backward(sent, received, weight, index, edges)
        return mean_of_points(sent, received, weight, index, edges)

    @staticmethod
    @once_differentiable
    @custom_bwd(device_type="cpu")
    def backward(ctx, of_means):  # type: ignore[override]  # as the decorator is annotated
        sent, received, weight, index, edges = ctx.saved_tensors
        of_edges = torch.zeros_like(edges)
        of_weight = torch.zeros_like(weight) if ctx.needs_input_grad[2] else None
        given = (sent, received, weight, index, edges)
        of_sent, of_received = pulled_back(*given, of_means.contiguous(), of_edges, of_weight)
        return of_sent, of_received, of_weight, None, of_edges


def mean_of_points(
    sent: Float[Tensor, "P m"],
    received: Float[Tensor, "P m"],
    weight: Float[Tensor, "m edge"],
    index: Int[Tensor, "P k"],
    edges: Float[Tensor, "P k edge"],
) -> Float[Tensor, "P 4 m"]:
    """`mean_messages` by compiled loops, without a gradient, for the points of all clouds in one row."""
    means = sent.new_zeros(len(sent), 4, sent.shape[1])
    for parts in _blocks(received, index, edges, means):
        z = _part_of_edges(parts[2], weight)
        with interruptible():
            message_kernels.forward(*arrays(sent, *parts[:3], z, parts[3]))
    return means


def pulled_back(
    sent: Float[Tensor, "P m"],
    received: Float[Tensor, "P m"],
    weight: Float[Tensor, "m edge"],
    index: Int[Tensor, "P k"],
    edges: Float[Tensor, "P k edge"],
    of_means: Float[Tensor, "P 4 m"],
    of_edges: Float[Tensor, "P k edge"],
    of_weight: Float[Tensor, "m edge"] | None = None,
) -> tuple[Float[Tensor, "P m"], Float[Tensor, "P m"]]:
    """Gradients by what is sent and received; those by the edges' features and their matrix are added up."""
    of_sent, of_received = torch.zeros_like(sent), torch.zeros_like(received)
    for parts in _blocks(received, index, edges, of_means, of_received, of_edges):
        z = _part_of_edges(parts[2], weight)
        with interruptible():
            message_kernels.backward(*arrays(sent, *parts[:4], z, of_sent, *parts[4:]))
        parts[5].flatten(0, 1).addmm_(z.flatten(0, 1), weight)
        if of_weight is not None:
            of_weight.addmm_(z.flatten(0, 1).t(), parts[2].flatten(0, 1))
    return of_sent, of_received


def _blocks(*parts: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Rows of the tensors, so many at a time that their messages stay in the cache."""
    return zip(*(part.split(BLOCK) for part in parts), strict=True)


def _part_of_edges(edges: Float[Tensor, "B k edge"], weight: Float[Tensor, "m edge"]) -> Float[Tensor, "B k m"]:
    """The messages' part that comes from their edges."""
    return edges.flatten(0, 1).mm(weight.t()).view(*edges.shape[:2], len(weight))
