"""The kinds of networks that a denoiser can have."""

import copy

import torch
from torch import nn

from pointprior.priors.neighbour_network import NeighbourNetwork
from pointprior.priors.neighbour_sampling import SamplingNetwork
from pointprior.priors.point_transformer import PointTransformer
from pointprior.priors.spec import NetworkSpec

Network = PointTransformer | NeighbourNetwork


def network_of(spec: NetworkSpec) -> Network:
    """The untrained network that a spec describes."""
    size = {"width": spec.width, "layers": spec.layers, "heads": spec.heads}
    if spec.kind == "transformer":
        return PointTransformer(**size)
    return NeighbourNetwork(**size, neighbours=spec.neighbours, message_width=spec.message_width, latents=spec.latents)


def sampling_network(network: Network, dtype: torch.dtype) -> nn.Module:
    """The network as samplers run it on a CPU: a frozen copy whose weights are cast once, not at every call."""
    if isinstance(network, NeighbourNetwork):
        return SamplingNetwork(network, dtype)
    frozen = copy.deepcopy(network).requires_grad_(False)
    for part in frozen.modules():
        if isinstance(part, nn.Linear):
            part.to(dtype)
    return frozen
