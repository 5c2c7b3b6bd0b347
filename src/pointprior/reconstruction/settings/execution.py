"""How samples are computed: on which device, how many at a time, at which precision."""

from dataclasses import dataclass, field
from typing import Literal

from pointprior.runtime.settings import DEVICE, Settings, about


@dataclass(frozen=True)
class Execution(Settings):
    """How samples are computed; energies stay in float32 at any precision."""

    device: str = field(
        default="cpu", metadata=about("of the network; auto: GPU if any", pattern=DEVICE, decides=False)
    )
    batch: int | None = field(
        default=None,
        metadata=about(
            "samples at a time; null: as many as memory holds. Changes no result on a CPU; on a GPU by rounding, which "
            "few and coarse steps amplify",
            ge=1,
            le=10_000,
            why="one job draws them all, and one file holds them",
            decides=False,
        ),
    )
    precision: Literal["auto", "float32", "bfloat16"] = field(
        default="auto",
        metadata=about(
            "of the network's matrix products; auto: bfloat16 where the processor has instructions for it, else float32"
        ),
    )
