"""The kinds of networks that a denoiser can have."""

from pointprior.priors.neighbour_network import NeighbourNetwork
from pointprior.priors.point_transformer import PointTransformer
from pointprior.priors.spec import NetworkSpec

Network = PointTransformer | NeighbourNetwork


def network_of(spec: NetworkSpec) -> Network:
    """The untrained network that a spec describes."""
    size = {"width": spec.width, "layers": spec.layers, "heads": spec.heads}
    if spec.kind == "transformer":
        return PointTransformer(**size)
    return NeighbourNetwork(**size, neighbours=spec.neighbours, message_width=spec.message_width, latents=spec.latents)
