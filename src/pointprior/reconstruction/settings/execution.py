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
    compile: bool = field(
        default=False,
        metadata=about("run the network through torch.compile: a minute more at first, less for each", decides=False),
    )
    parts: int | None = field(
        default=None,
        metadata=about(
            "parts of a batch that take turns, so that the CPU matches one while the network works on another; null: 2 "
            "on a GPU, 1 on a CPU. Changes results as `batch` does",
            ge=1,
            le=16,
            why="two keep both at work",
            decides=False,
        ),
    )

    @property
    def turns(self) -> int:
        """Parts that a batch is divided into."""
        return self.parts or (1 if self.device == "cpu" else 2)
