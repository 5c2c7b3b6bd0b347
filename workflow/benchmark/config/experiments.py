"""What is made of priors and reconstructions besides tables and figures of the tasks."""

from typing import Annotated

from pydantic import Field

from benchmark.config.datasets import MOLECULES
from benchmark.config.sections import Entries, Name, Samples, Section, Steps, Within
from pointprior.reconstruction.schedule import Integrator, NoiseControlName

Experiment = Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")]  # of a data set of shapes: dataset/task
Shapes = Annotated[int, Within(1, 10_000, "each is reconstructed in all variants")]


class Evaluation(Section):
    """The prior without measurements: Table 3 and galleries of samples."""

    priors: list[str] | None = Field(
        None, min_length=1, description="rows of Table 3, which needs their training clouds; null: all of `priors`"
    )
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

    dataset: str = Field(MOLECULES, description="molecules (cryostruct), or one of `datasets`")
    shapes: Annotated[int, Within(1, 10_000, "each is reconstructed at every α")] = Field(
        8, description="of a data set of shapes: the first of the archive's validation split, in place of `entries`"
    )
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


class Variant(Section):
    """Diffusion posterior sampling that differs from `dps` in what it names."""

    steps: Steps | None = Field(None, description="time steps; null: those of the task")
    beta: NoiseControlName | None = Field(None, description="noise control β(t); null: that of the task")
    integrator: Integrator | None = Field(None, description="how a step is taken; null: as `dps` does")


class Integrators(Section):
    """Table 2: integrators at equal cost."""

    task: Experiment = Field("shapenet_mixed/p2x200_sub256", description="whose measurements (dataset/task)")
    shapes: Shapes | None = Field(None, description="the first so many of the data set; null: all")
    variants: dict[Name, Variant] = Field(
        {
            "A": Variant(integrator="euler", beta="0", steps=79),
            "B": Variant(integrator="euler", steps=79),
            "C": Variant(integrator="paper", steps=40),
            "heun": Variant(integrator="heun", steps=40),
        },
        min_length=1,
        description="rows of the table: A, B and C are the paper's, with 79 evaluations of the network each",
    )


class TimeSteps(Section):
    """Fig. 6: errors against the number of time steps."""

    tasks: list[Experiment] = Field(
        ["shapenet_mixed/p2x200_sub256", "shapenet_mixed/p4x400"],
        min_length=1,
        description="whose measurements (dataset/task), a panel each",
    )
    shapes: Shapes | None = Field(None, description="the first so many of the data set; null: all")
    steps: list[Steps] = Field([10, 20, 40, 80], min_length=2, description="numbers of time steps")
