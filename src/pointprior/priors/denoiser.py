"""A diffusion prior: a preconditioned denoiser that can be saved, described and loaded."""

import hashlib
import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from jaxtyping import Float
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from pointprior.priors.card import CARD, WEIGHTS, PriorError, read_card
from pointprior.priors.point_transformer import PointTransformer
from pointprior.runtime.files import written_whole

TIME_CODES = ("log", "linear")


@dataclass(frozen=True)
class PriorSpec:
    """What must be known to rebuild a denoiser before its weights are loaded."""

    width: int = 512  # features of a token
    layers: int = 24  # transformer blocks
    heads: int = 8  # attention heads
    sigma_data: float = 0.5  # assumed standard deviation of the data (printed: 0.5)
    time_code: str = "linear"  # c_noise: "linear" = 1000 t / time_scale (printed), "log" = ln(t)/4 (EDM)
    time_scale: float = 80.0  # t_max of the linear code: 1 for Chair, 80 for Mixed and CryoStruct


class Prior(nn.Module):
    """The denoiser D(x, t) = c_skip x + c_out F(c_in x, c_noise), Karras et al. (2022), Table 1."""

    def __init__(self, spec: PriorSpec):
        super().__init__()
        if spec.time_code not in TIME_CODES:
            raise ValueError(f"unknown time code {spec.time_code!r}; choose one of {', '.join(TIME_CODES)}")
        self.spec = spec
        self.network = PointTransformer(width=spec.width, layers=spec.layers, heads=spec.heads)

    def c_noise(self, t: Float[Tensor, " S"]) -> Float[Tensor, " S"]:
        """The network's time input."""
        return t.log() / 4 if self.spec.time_code == "log" else 1000 * t / self.spec.time_scale

    def forward(self, x: Float[Tensor, "S N 3"], t: Float[Tensor, " S"]) -> Float[Tensor, "S N 3"]:
        """Expected clean cloud given clouds `x` with noise of standard deviation `t`."""
        variance = self.spec.sigma_data**2
        total = (t**2 + variance)[:, None, None]  # (S, 1, 1)
        c_skip = variance / total
        c_out = math.sqrt(variance) * t[:, None, None] / total.sqrt()
        c_in = 1 / total.sqrt()
        return c_skip * x + c_out * self.network(c_in * x, self.c_noise(t)).float()

    def activation_bytes(self, points: int) -> int:
        """Memory of the activations that a gradient must keep, for one cloud in float32 (in bytes, about)."""
        return 40 * self.spec.width * self.spec.layers * points * 4

    def loss(
        self, clean: Float[Tensor, "S N 3"], t: Float[Tensor, " S"], noise: Float[Tensor, "S N 3"]
    ) -> Float[Tensor, " S"]:
        """Denoising error of every cloud, weighted by 1/c_out²: 1 for an untrained network on data of σ_data."""
        variance = self.spec.sigma_data**2
        denoised = self(clean + t[:, None, None] * noise, t)
        weight = (t**2 + variance) / (t**2 * variance)
        return weight * (denoised - clean).square().mean(dim=(1, 2))

    def save(self, folder: str | os.PathLike, card: dict) -> None:
        """Write float16 weights and their card (what, on what, how good) into `folder`."""
        folder = Path(folder)
        weights = {name: value.detach().cpu().half().contiguous() for name, value in self.state_dict().items()}
        with written_whole(folder / WEIGHTS) as temporary:
            save_file(weights, temporary)
            temporary.chmod(0o644)  # safetensors writes for the owner only
            sha256 = hashlib.sha256(temporary.read_bytes()).hexdigest()
        parameters = sum(p.numel() for p in self.parameters())
        whole_card = {"network": asdict(self.spec), "parameters": parameters, "sha256": sha256, **card}
        with written_whole(folder / CARD) as temporary:
            temporary.write_text(json.dumps(whole_card, indent=2) + "\n")

    @classmethod
    def load(cls, folder: str | os.PathLike) -> "Prior":
        """Read a prior, check its weights against the card, and freeze it for sampling.

        Raises
        ------
        PriorError
            If a file is missing, the checksum differs, or weights and card do not fit each other.
        """
        folder, card = Path(folder), read_card(folder)
        prior = cls(PriorSpec(**card["network"]))
        try:
            prior.load_state_dict(load_file(folder / WEIGHTS))
        except RuntimeError as problem:
            raise PriorError(f"{folder}: the weights do not fit the network on the card ({problem})") from problem
        return prior.float().eval().requires_grad_(False)
