"""What is made of priors and reconstructions besides tables and figures of the tasks."""

from typing import Annotated

from pydantic import Field

from benchmark.config.sections import Entries, Samples, Section, Steps, Within


class Evaluation(Section):
    """The prior without measurements: Table 3 and galleries of samples."""

    samples: Samples | None = Field(None, description="samples of a prior; null: as many as clouds are held out")
    gallery: Annotated[int, Within(1, 1000, "each is a panel of one figure")] = Field(
        20, description="samples that are drawn"
    )


class Density(Section):
    """Maps of reconstructions (.mrc)."""

    resolution: (
        Annotated[
            float, Within(2, 200, "in Å: pseudo-atoms lie 5 and more apart, and a whole structure is some hundreds")
        ]
        | None
    ) = Field(None, description="in Å; null: twice the point spacing")


class AlphaSweep(Section):
    """DPS at several guidance strengths, on entries that neither test nor trained a prior."""

    entries: Entries = Field(
        ["1a4l", "4oip", "4v4f", "5fp2"],
        description="of validation clusters of the prior's training list; others are refused",
    )
    tasks: list[str] = Field(["p3x1024", "p4x800", "p1x300_lr40"], min_length=1, description="names of tasks")
    alphas: list[Annotated[float, Within(1e-3, 1e9, "it names a file, and 0 guides nothing")]] = Field(
        [100, 300, 1000, 4000, 10000, 40000, 160000], min_length=2, description="guidance strengths α (Frobenius sum)"
    )
    samples: Samples = Field(2, description="reconstructions at each α")
    steps: Steps | None = Field(None, description="time steps; null: those of the task")
