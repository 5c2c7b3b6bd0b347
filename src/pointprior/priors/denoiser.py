"""The denoiser: a network with its preconditioning, which saves and loads itself with a card that describes it."""

import copy
import hashlib
import json
import math
import os
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pointprior.priors.card import CARD, WEIGHTS, PriorError, read_card
from pointprior.priors.networks import Network, network_of, sampling_network
from pointprior.priors.spec import NetworkSpec
from pointprior.runtime.files import atomic_write


class Denoiser(nn.Module):
    """D(x, t) = c_skip x + c_out F(c_in x, c_noise): Karras et al. (2022), Table 1.

    Parameters
    ----------
    spec : NetworkSpec
        Kind and size of the network F, and constants of the preconditioning. The weights are random; `load` reads
        trained ones.
    """

    def __init__(self, spec: NetworkSpec):
        super().__init__()
        self.spec = spec
        self.network: Network = network_of(spec)

    def c_noise(self, t: Float[Tensor, " S"]) -> Float[Tensor, " S"]:
        """Time as the network sees it."""
        return t.log() / 4 if self.spec.time_code == "log" else 1000 * t / self.spec.time_scale

    def forward(self, x: Float[Tensor, "S N 3"], t: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        """Expected clean clouds, given clouds `x` with Gaussian noise of standard deviation `t`."""
        variance = self.spec.sigma_data**2
        total = (t**2 + variance)[:, None, None]  # (S, 1, 1)
        c_skip = variance / total
        c_out = math.sqrt(variance) * t[:, None, None] / total.sqrt()
        c_in = 1 / total.sqrt()
        return c_skip * x + c_out * self.network(c_in * x, self.c_noise(t)).float()

    def for_sampling(self, dtype: torch.dtype) -> "Denoiser":
        """The denoiser as samplers run it on a CPU, with matrix products in `dtype`."""
        frozen = copy.copy(self)  # of a module: the parts are its own
        frozen._modules = {"network": sampling_network(self.network, dtype)}
        return frozen

    def activation_bytes(self, points: int) -> int:
        """Approximate memory (in bytes) of the activations kept for the gradient, for one cloud in float32."""
        return self.spec.activation_bytes(points)

    def loss(
        self, clean: Float[Tensor, "S N 3"], t: Float[Tensor, " S"], noise: Float[Tensor, "S N 3"]
    ) -> Float[Tensor, " S"]:
        """Denoising error of each cloud, weighted by 1/c_out²: 1 for an untrained network on data of σ_data."""
        variance = self.spec.sigma_data**2
        denoised = self(clean + t[:, None, None] * noise, t)
        weight = (t**2 + variance) / (t**2 * variance)
        return weight * (denoised - clean).square().mean(dim=(1, 2))

    def save(self, folder: str | os.PathLike, card: dict) -> None:
        """Write a prior's folder: float16 weights, and a card that says what they are.

        Parameters
        ----------
        folder : path
            Folder to write into; it is created if needed.
        card : dict
            What the card says besides the network's spec, its number of parameters and the checksum of the weights.
        """
        folder = Path(folder)
        weights = {name: value.detach().cpu().half().contiguous() for name, value in self.state_dict().items()}
        with atomic_write(folder / WEIGHTS) as temporary:
            save_file(weights, temporary)
            temporary.chmod(0o644)  # safetensors writes for the owner only
            sha256 = hashlib.sha256(temporary.read_bytes()).hexdigest()
        parameters = sum(p.numel() for p in self.parameters())
        whole_card = {"network": self.spec.described(), "parameters": parameters, "sha256": sha256, **card}
        with atomic_write(folder / CARD) as temporary:
            temporary.write_text(json.dumps(whole_card, indent=2) + "\n")

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Denoiser":
        """Read a prior's folder, check the weights against the card, and freeze them for sampling.

        Raises
        ------
        PriorError
            If a file is missing, the checksum differs, or weights and card do not match.
        """
        folder, card = Path(folder), read_card(folder)
        try:
            denoiser = cls(NetworkSpec(**card["network"]))
        except (TypeError, ValueError) as problem:
            raise PriorError(f"{folder / CARD}: describes no network that is known here ({problem})") from problem
        try:
            denoiser.load_state_dict(load_file(folder / WEIGHTS))
        except (RuntimeError, SafetensorError) as problem:
            raise PriorError(f"{folder}: the weights do not fit the network on the card ({problem})") from problem
        return denoiser.float().eval().requires_grad_(False)
