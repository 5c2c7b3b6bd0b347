"""What the configuration says of a prior: the network, how it is trained, or which weights are at hand."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from benchmark.config.derived import section
from benchmark.config.sections import CHANGES_NO_RESULT, Entries, Section, Within
from pointprior.priors.refinement_settings import Refinement
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import Packing, TrainingExecution, TrainingPlan
from pointprior.reconstruction.schedule import NoiseControlName
from pointprior.structures.recipes import CloudRecipe, MixtureFit

Network: Any = section(NetworkSpec, name="Network")


class Sources(Section):
    """What a prior learns from."""

    dataset: str | None = Field(
        None,
        description="one of `datasets`: trained on its archive's `train` split and validated on `val`, all points of "
        "each object kept; null: on the structures of `entries`",
    )
    entries: Entries = Field(["config/lists/train.tsv"], description="training list (columns entry, cluster)")
    shard: Annotated[int, Within(1, 10_000, "one job works through them")] = Field(
        64, description="structures per coarse-graining job"
    )


TrainingData: Any = section(
    MixtureFit,
    CloudRecipe,
    Packing,
    base=Sources,
    name="TrainingData",
    without=("tolerance", "max_iterations", "components", "assembly", "seed", "fit"),
    engine="neighbours",
)
_Plan: Any = section(TrainingPlan, TrainingExecution, base=TrainingData, without=("device",))


class Training(_Plan):
    """How a prior is trained; on `execution.device`."""

    initial: str | None = Field(None, description="folder of a prior whose weights to start from; null: random ones")
    on_cpu: Annotated[bool, CHANGES_NO_RESULT] = Field(
        False, description="train on this machine without a GPU, however long it takes; otherwise at most a day"
    )

    @model_validator(mode="after")
    def _shared_equally(self) -> "Training":
        for stage in self.stages:
            if stage.batch % (self.nodes * self.gpus):
                raise ValueError(
                    f"a batch of {stage.batch} clouds cannot be shared equally by {self.nodes * self.gpus} GPUs "
                    "(nodes × gpus)"
                )
        return self


class RefinementOnRelatives(section(Refinement)):  # type: ignore[misc]  # made from the library's settings
    """How a prior is refined on relatives."""

    structures: list[str] = Field([], description="the relatives: PDB ids, or files (mmCIF or PDB format)")
    replay: str | None = Field(
        None, description="general clouds to mix in, as of `training_clouds.npz`; null: `replay.npz` in `released`"
    )


class PriorChoice(Section):
    """A prior: released weights, released ones refined on relatives, or how to train it."""

    source: Literal["released", "refine", "train"] = Field(
        "train", description="use bundled weights, refine them on relatives, or train a prior"
    )
    released: str | None = Field("resources/priors/cryostruct-neighbours", description="folder of the bundled weights")
    refinement: RefinementOnRelatives = Field(RefinementOnRelatives(), description="how bundled weights are refined")
    network: Network = Field(Network(), description="the denoiser to train")
    beta: NoiseControlName | None = Field(
        None, description="noise control of its samples without measurements; null: that of `unconditional`"
    )
    training: Training = Field(Training(), description="how to train it")

    @model_validator(mode="after")
    def _released_somewhere(self) -> "PriorChoice":
        if self.source != "train" and self.released is None:
            raise ValueError(f"source is {self.source!r}, but `released` names no folder")
        return self

    @model_validator(mode="after")
    def _refined_on_something(self) -> "PriorChoice":
        if self.source == "refine" and not self.refinement.structures:
            raise ValueError("source is 'refine', but `refinement.structures` names no relatives")
        return self
