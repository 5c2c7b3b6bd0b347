"""What the configuration says of a prior: the network, how it is trained, or which weights are at hand."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from sections import Entries, FirstTime, LearningRate, Section, Share, Within


class Network(Section):
    """The denoiser: Point-E's transformer with EDM's preconditioning."""

    width: Annotated[int, Within(2, 16_384, "weights grow with its square")] = Field(
        512, description="features of a token"
    )
    layers: Annotated[int, Within(1, 1000, "transformer blocks one after the other")] = Field(
        24, description="transformer blocks"
    )
    heads: Annotated[int, Within(1, 1024, "they share the width")] = Field(8, description="attention heads")
    sigma_data: Annotated[float, Within(0.01, 100, "clouds in the cube have about 0.4")] = Field(
        0.5, description="assumed standard deviation of the data"
    )
    time_code: Literal["linear", "log"] = Field("linear", description="network's time: 1000 t/time_scale, or ln(t)/4")
    time_scale: Annotated[float, Within(1e-3, 1e4, "a largest t, which is 80 in EDM")] = Field(
        80.0, description="t_max of the linear time code"
    )

    @model_validator(mode="after")
    def _heads_divide(self) -> "Network":
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of twice the number of heads ({self.heads})")
        return self


class Stage(Section):
    """A stretch of training with one noise distribution and one cloud size."""

    steps: Annotated[int, Within(1, 10**9, "of the optimiser")] = Field(description="optimiser steps")
    batch: Annotated[int, Within(1, 10**6, "the memory of all GPUs holds it")] = Field(description="clouds a step")
    points: Annotated[int, Within(1, 16_384, "attention grows with its square")] = Field(
        1024, description="random points drawn of every cloud"
    )
    noise_mean: Annotated[float, Within(-15, 15, "of ln t: t from 3e-7 to 3e6")] = Field(description="mean of ln t")
    noise_std: Annotated[float, Within(1e-3, 10, "of ln t, so e-fold changes of t")] = Field(
        description="standard deviation of ln t"
    )
    t_max: FirstTime = Field(description="largest t")


class Training(Section):
    """How a prior is trained."""

    entries: Entries = Field(["config/lists/train.tsv"], description="training list (columns entry, cluster)")
    shard: Annotated[int, Within(1, 10_000, "one job works through them")] = Field(
        64, description="structures a coarse-graining job"
    )
    engine: Literal["scikit-learn", "neighbours"] = Field("neighbours", description="who fits the training mixtures")
    fits: Annotated[int, Within(1, 1000, "each is a cloud of the training set")] = Field(
        1, description="mixtures fitted to each training structure, each from a start of its own"
    )
    sub_assemblies: Annotated[int, Within(0, 1000, "each is a cloud of the training set")] = Field(
        0, description="connected sets of chains that each structure also lends to the training, where it can"
    )
    max_failed: Share = Field(0.02, description="largest share that may fail")
    validation_one_in: Annotated[int, Within(0, 10**6, "0 keeps none, 2 every other cluster")] = Field(
        20, description="one cluster in so many is not trained on, but validates and is compared with samples; 0: none"
    )
    stages: Annotated[list[Stage], Field(min_length=1)] = Field(
        [
            Stage(steps=77_000, batch=160, noise_mean=-2.8, noise_std=0.9, t_max=1),
            Stage(steps=8_600, batch=160, noise_mean=-1.2, noise_std=1.2, t_max=80),
        ],
        description="one after the other",
    )
    learning_rate: LearningRate = Field(1e-4, description="Adam's learning rate after the warm-up")
    final_learning_rate: LearningRate = Field(8e-5, description="at the end of the cosine")
    warmup: Annotated[int, Within(0, 10**8, "steps, a small share of all")] = Field(
        1000, description="steps of linear warm-up"
    )
    clip: Annotated[float, Within(1e-6, 1e6, "norms of gradients are of the order of 1")] = Field(
        1.0, description="largest gradient norm"
    )
    ema_half_life: Annotated[float, Within(1, 1e12, "clouds")] = Field(
        500_000, description="clouds after which a weight counts half"
    )
    ema_ramp: Annotated[float, Within(1e-6, 1, "a share above 0")] = Field(
        0.05, description="the half-life is at most this share of the clouds seen"
    )
    augmentation: Literal["SO3", "O3"] = Field("SO3", description="random rotations, or also mirror images")
    precision: Literal["float32", "bfloat16"] = Field("bfloat16", description="of the network's matrix products")
    checkpoint_seconds: Annotated[float, Within(1, 1e6, "seconds, well below a job's time limit")] = Field(
        300, description="time between checkpoints"
    )
    initial: str | None = Field(None, description="folder of a prior whose weights to start from; null: random ones")
    compile: bool = Field(False, description="run the network through torch.compile")
    recompute: bool = Field(False, description="keep no activations for the backward pass: slower, far less memory")
    nodes: Annotated[int, Within(1, 1024, "they share each batch")] = Field(
        1, description="nodes of a SLURM cluster that share each batch"
    )
    gpus: Annotated[int, Within(1, 64, "of one node")] = Field(
        1, description="GPUs of each node (on a CPU: processes) that share each batch"
    )
    on_cpu: bool = Field(
        False, description="train on this machine without a GPU, however long it takes; otherwise at most a day"
    )

    @model_validator(mode="after")
    def _some_clusters_left(self) -> "Training":
        if self.validation_one_in == 1:
            raise ValueError("validation_one_in 1 keeps every cluster for validation and trains on none; 0 keeps none")
        return self

    @model_validator(mode="after")
    def _shared_equally(self) -> "Training":
        for stage in self.stages:
            if stage.batch % (self.nodes * self.gpus):
                raise ValueError(
                    f"a batch of {stage.batch} clouds cannot be shared equally by {self.nodes * self.gpus} GPUs "
                    "(nodes × gpus)"
                )
        return self


class PriorChoice(Section):
    """A prior: released weights, or how to train it."""

    source: Literal["released", "train"] = Field("train", description="use bundled weights, or train them")
    released: str | None = Field("resources/priors/cryostruct-small", description="folder of the bundled weights")
    network: Network = Field(Network(), description="the denoiser to train")
    training: Training = Field(Training(), description="how to train it")

    @model_validator(mode="after")
    def _released_somewhere(self) -> "PriorChoice":
        if self.source == "released" and self.released is None:
            raise ValueError("source is 'released', but `released` names no folder")
        return self
