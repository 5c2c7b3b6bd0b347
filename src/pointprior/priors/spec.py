"""What must be known to rebuild a denoiser before its weights are loaded; free of torch, so quick to import."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pointprior.runtime.settings import Settings, about


@dataclass(frozen=True)
class NetworkSpec(Settings):
    """The denoiser: Point-E's transformer, or a network of near neighbours, with EDM's preconditioning.

    The defaults are the paper's: 77.8 million parameters.

    Raises
    ------
    ValueError
        If a value is out of bounds, or the width is no multiple of twice the number of heads.
    """

    kind: Literal["transformer", "neighbours"] = field(
        default="transformer",
        metadata=about("attention among all points, or messages between near neighbours and latents that see them all"),
    )
    width: int = field(
        default=512, metadata=about("features of a token", ge=2, le=16_384, why="weights grow with its square")
    )
    layers: int = field(default=24, metadata=about("residual layers", ge=1, le=1000, why="layers one after the other"))
    heads: int = field(default=8, metadata=about("attention heads", ge=1, le=1024, why="they share the width"))
    sigma_data: float = field(
        default=0.5,
        metadata=about(
            "assumed standard deviation of the data", ge=0.01, le=100, why="clouds in the cube have about 0.4"
        ),
    )
    time_code: Literal["linear", "log"] = field(
        default="linear", metadata=about("network's time: 1000 t/time_scale, or ln(t)/4 (EDM)")
    )
    time_scale: float = field(
        default=80.0,
        metadata=about(
            "t_max of the linear time code: 1 for the paper's Chair, 80 for Mixed and CryoStruct",
            ge=1e-3,
            le=1e4,
            why="a largest t, which is 80 in EDM",
        ),
    )

    neighbours: int = field(
        default=16,
        metadata=about("nearest points that send messages to a point", ge=1, le=256, why="their cost grows with it"),
    )
    message_width: int = field(
        default=64, metadata=about("features of a message", ge=1, le=16_384, why="every point receives several")
    )
    latents: int = field(
        default=64, metadata=about("latent tokens beside the points", ge=1, le=4096, why="few beside the points")
    )

    def __post_init__(self):
        super().__post_init__()
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of twice the number of heads ({self.heads})")

    def described(self) -> dict[str, Any]:
        """What decides the network, as plain values.

        A transformer is described without its kind and without the fields of the other kind, as before there was
        another: older cards and checkpoints stay valid.
        """
        values = asdict(self)
        if self.kind == "transformer":
            for name in ("kind", "neighbours", "message_width", "latents"):
                del values[name]
        return values

    def activation_bytes(self, points: int) -> int:
        """Approximate memory (in bytes, float32) kept for the gradient of one cloud's forward pass."""
        if self.kind == "transformer":
            return 40 * self.width * self.layers * points * 4
        of_latents = 30 * self.width * self.layers * self.latents
        of_points = (
            30 * self.width + self.heads * self.latents + 5 * self.neighbours * self.message_width
        ) * self.layers
        return (of_latents + of_points * points) * 4
