"""What must be known to rebuild a denoiser before its weights are loaded; free of torch, so quick to import."""

from dataclasses import dataclass, field
from typing import Literal

from pointprior.runtime.settings import Settings, about


@dataclass(frozen=True)
class NetworkSpec(Settings):
    """The denoiser: Point-E's transformer with EDM's preconditioning.

    The defaults are the paper's: 77.8 million parameters.

    Raises
    ------
    ValueError
        If a value is out of bounds, or the width is no multiple of twice the number of heads.
    """

    width: int = field(
        default=512, metadata=about("features of a token", ge=2, le=16_384, why="weights grow with its square")
    )
    layers: int = field(
        default=24, metadata=about("transformer blocks", ge=1, le=1000, why="transformer blocks one after the other")
    )
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

    def __post_init__(self):
        super().__post_init__()
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of twice the number of heads ({self.heads})")

    def activation_bytes(self, points: int) -> int:
        """Memory (bytes, float32) that a gradient keeps of the passage of one cloud, about."""
        return 40 * self.width * self.layers * points * 4
