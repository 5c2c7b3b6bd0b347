"""The workflow's configuration: what may be said, what holds if nothing is said, how a mistake is reported.

The defaults are the paper's; `config/config.yaml` spells them out, and a test holds the two together.
`python workflow/configuration.py` writes the JSON schema that editors and other programs read.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from measurements import PAPER_SHOWCASES, PAPER_TASKS, NoiseControl, Showcase, Task
from pydantic import Field, ValidationError, field_validator, model_validator
from sections import Count, Entries, NotNegative, Positive, PositiveFloat, Section, nearest
from snakemake.exceptions import WorkflowError

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.yaml"
RESERVED = {"showcase", "figure2"}  # the folder of a showcase's results, and the figure of all


class Structures(Section):
    """Which structures, and where their coordinates come from."""

    entries: Entries = Field(
        ["6ryr", "6rdm", "6vvy", "6id1", "6fvt", "config/lists/mini.txt"],
        description="PDB ids to reconstruct, and files that list them",
    )
    mirrors: Entries = Field(
        [], description="local copies of the PDB (folders that hold data/ or structures/), searched before downloading"
    )
    download: bool = Field(True, description="whether to fetch what no mirror holds from the wwPDB archive")
    shipped: str | None = Field(None, description="folder of clouds {entry}.npz used where no mirror holds the entry")
    assembly: str | None = Field(None, description="biological assembly to build; null: the deposited coordinates")

    @field_validator("assembly", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class CoarseGrain(Section):
    """The Gaussian mixture that turns atoms into a cloud."""

    components: Annotated[int, Field(ge=2)] = Field(1024, description="points of a cloud")
    engine: Literal["scikit-learn", "neighbours"] = Field("scikit-learn", description="who fits the mixture")
    tolerance: PositiveFloat = Field(0.001, description="change of the mean log-likelihood that counts as converged")
    max_iterations: Positive = Field(100, description="most EM iterations")


class Dps(Section):
    """Diffusion posterior sampling (Algorithm 1)."""

    steps: Annotated[int, Field(ge=2)] = Field(40, description="time steps")
    t_max: PositiveFloat = Field(1.0, description="first time (units of the cube)")
    t_min: PositiveFloat = Field(0.002, description="last time above zero")
    rho: PositiveFloat = Field(3.0, description="how much the steps crowd towards t_min")
    integrator: Literal["paper", "heun", "euler"] = Field("paper", description="how a step is taken")
    limit: PositiveFloat | None = Field(
        5.0,
        description="how far guidance may move a denoised cloud, in its distances from the measurements; null: as "
        "printed, without a limit",
    )
    batch: Positive | None = Field(None, description="samples at a time; null: as many as memory holds")
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of the network's matrix products")
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = Field("auto", description="auto: GPU if any")


class PlugAndPlay(Section):
    """Plug-and-play sampling (DiffPIR): the prior denoises, the measurements correct in closed form."""

    initial: Literal["ml_regularised", "ml"] | None = Field(
        "ml_regularised", description="method whose models are the start; null: noise (then with t_max 1)"
    )
    steps: Annotated[int, Field(ge=2)] = Field(20, description="time steps, a network evaluation each")
    t_max: PositiveFloat = Field(0.2, description="first time (units of the cube)")
    t_min: PositiveFloat = Field(0.002, description="last time above zero")
    rho: PositiveFloat = Field(3.0, description="how much the steps crowd towards t_min")
    sigma: PositiveFloat = Field(0.005, description="standard deviation of a measured coordinate (units of the cube)")
    zeta: Annotated[float, Field(ge=0, le=1)] = Field(0.3, description="share of the noise drawn anew at every step")
    regularised: bool = Field(True, description="relax points towards their expected spacing after every data step")


class Unconditional(Section):
    """Sampling the prior without measurements: the control `prior`."""

    steps: Annotated[int, Field(ge=2)] = Field(100, description="time steps; fewer from t = 80 blow the clouds up")
    t_max: PositiveFloat = Field(80.0, description="first time (units of the cube)")
    beta: NoiseControl = Field("1/t above 0.8, else 1", description="noise control β(t)")
    integrator: Literal["paper", "heun", "euler"] = Field("paper", description="how a step is taken")


class Evaluation(Section):
    """The prior without measurements: Table 3 and galleries of samples."""

    samples: Positive | None = Field(None, description="samples of a prior; null: as many as clouds are held out")
    gallery: Positive = Field(20, description="samples that are drawn")


class Density(Section):
    """Maps of reconstructions (.mrc)."""

    resolution: PositiveFloat | None = Field(None, description="in Å; null: twice the point spacing")


class Ml(Section):
    """Maximum likelihood: Adam from uniform starts."""

    steps: Positive = Field(100, description="Adam steps")
    learning_rate: PositiveFloat = Field(0.01, description="Adam's learning rate")


class MlRegularised(Section):
    """Maximum likelihood with a regulariser on the distances between neighbours."""

    steps: Positive | None = Field(None, description="Adam steps; null: as many as DPS evaluates gradients in the task")
    learning_rate: PositiveFloat = Field(0.3, description="Adam's learning rate at the start; it falls to zero")
    weight: NotNegative = Field(0.3, description="λ of the regulariser, beside the Frobenius sum of the energy")


class AlphaSweep(Section):
    """DPS at several guidance strengths, on entries that neither test nor trained a prior."""

    entries: Entries = Field(
        ["1a4l", "4oip", "4v4f", "5fp2"],
        description="of validation clusters of the prior's training list; others are refused",
    )
    tasks: list[str] = Field(["p3x1024", "p4x800", "p1x300_lr40"], min_length=1, description="names of tasks")
    alphas: list[PositiveFloat] = Field(
        [100, 300, 1000, 4000, 10000, 40000, 160000], min_length=2, description="guidance strengths α (Frobenius sum)"
    )
    samples: Positive = Field(2, description="reconstructions at each α")
    steps: Annotated[int, Field(ge=2)] | None = Field(None, description="time steps; null: those of the task")


class Network(Section):
    """The denoiser: Point-E's transformer with EDM's preconditioning."""

    width: Positive = Field(512, description="features of a token")
    layers: Positive = Field(24, description="transformer blocks")
    heads: Positive = Field(8, description="attention heads")
    sigma_data: PositiveFloat = Field(0.5, description="assumed standard deviation of the data")
    time_code: Literal["linear", "log"] = Field("linear", description="network's time: 1000 t/time_scale, or ln(t)/4")
    time_scale: PositiveFloat = Field(80.0, description="t_max of the linear time code")

    @model_validator(mode="after")
    def _heads_divide(self) -> "Network":
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} must be a multiple of twice the number of heads ({self.heads})")
        return self


class Stage(Section):
    """A stretch of training with one noise distribution and one cloud size."""

    steps: Positive = Field(description="optimiser steps")
    batch: Positive = Field(description="clouds a step")
    points: Positive = Field(1024, description="random points drawn of every cloud")
    noise_mean: float = Field(description="mean of ln t")
    noise_std: PositiveFloat = Field(description="standard deviation of ln t")
    t_max: PositiveFloat = Field(description="largest t")


class Training(Section):
    """How a prior is trained."""

    entries: Entries = Field(["config/lists/train.tsv"], description="training list (columns entry, cluster)")
    shard: Positive = Field(64, description="structures a coarse-graining job")
    engine: Literal["scikit-learn", "neighbours"] = Field("neighbours", description="who fits the training mixtures")
    fits: Positive = Field(1, description="mixtures fitted to each training structure, each from a start of its own")
    sub_assemblies: Count = Field(
        0, description="connected sets of chains that each structure also lends to the training, where it can"
    )
    max_failed: Annotated[float, Field(ge=0, le=1)] = Field(0.02, description="largest share that may fail")
    validation_one_in: Count = Field(
        20, description="one cluster in so many is not trained on, but validates and is compared with samples; 0: none"
    )
    stages: Annotated[list[Stage], Field(min_length=1)] = Field(
        [
            Stage(steps=77_000, batch=160, noise_mean=-2.8, noise_std=0.9, t_max=1),
            Stage(steps=8_600, batch=160, noise_mean=-1.2, noise_std=1.2, t_max=80),
        ],
        description="one after the other",
    )
    learning_rate: PositiveFloat = Field(1e-4, description="Adam's learning rate after the warm-up")
    final_learning_rate: PositiveFloat = Field(8e-5, description="at the end of the cosine")
    warmup: Count = Field(1000, description="steps of linear warm-up")
    clip: PositiveFloat = Field(1.0, description="largest gradient norm")
    ema_half_life: PositiveFloat = Field(500_000, description="clouds after which a weight counts half")
    ema_ramp: PositiveFloat = Field(0.05, description="the half-life is at most this share of the clouds seen")
    augmentation: Literal["SO3", "O3"] = Field("SO3", description="random rotations, or also mirror images")
    precision: Literal["float32", "bfloat16"] = Field("bfloat16", description="of the network's matrix products")
    checkpoint_seconds: PositiveFloat = Field(300, description="time between checkpoints")
    initial: str | None = Field(None, description="folder of a prior whose weights to start from; null: random ones")
    compile: bool = Field(False, description="run the network through torch.compile")
    recompute: bool = Field(False, description="keep no activations for the backward pass: slower, far less memory")
    nodes: Positive = Field(1, description="nodes of a SLURM cluster that share each batch")
    gpus: Positive = Field(1, description="GPUs of each node (on a CPU: processes) that share each batch")

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

    source: Literal["released", "train"] = Field("train", description="use shipped weights, or train them")
    released: str | None = Field("resources/priors/cryostruct-small", description="folder of the shipped weights")
    network: Network = Field(Network(), description="the denoiser to train")
    training: Training = Field(Training(), description="how to train it")

    @model_validator(mode="after")
    def _released_somewhere(self) -> "PriorChoice":
        if self.source == "released" and self.released is None:
            raise ValueError("source is 'released', but `released` names no folder")
        return self


class Configuration(Section):
    """Everything that `config/*.yaml` may say."""

    seed: Count = Field(0, description="of every random draw")
    structures: Structures = Structures()
    coarse_grain: CoarseGrain = CoarseGrain()
    tasks: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")], Task] = Field(
        PAPER_TASKS, min_length=1, description="what is measured, by name; naming any replaces the paper's"
    )
    methods: list[Literal["dps", "pnp", "ml", "ml_regularised", "prior", "truth"]] = Field(
        ["dps", "pnp", "ml", "ml_regularised", "prior", "truth"], min_length=1, description="who reconstructs"
    )
    samples: Positive = Field(10, description="reconstructions of a structure by a method")
    energy: Literal["redrawn", "fixed"] = Field(
        "redrawn",
        description="how few measured points are repeated up to the model's: redrawn at every evaluation, and E is a "
        "mean over coordinates; or fixed once and for all, and E is a mean over points",
    )
    dps: Dps = Dps()
    pnp: PlugAndPlay = PlugAndPlay()
    unconditional: Unconditional = Unconditional()
    evaluation: Evaluation = Evaluation()
    ml: Ml = Ml()
    alignment: Literal["kernel_correlation", "cpd"] = Field(
        "kernel_correlation", description="how scores superpose a model on the truth; cpd: coherent point drift"
    )
    density: Density = Density()
    ml_regularised: MlRegularised = MlRegularised()
    alpha_sweep: AlphaSweep = AlphaSweep()
    prior: str = Field("cryostruct", description="which of `priors` the reconstructions use")
    priors: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")], PriorChoice] = Field(
        {"cryostruct": PriorChoice()}, min_length=1, description="priors by name"
    )
    shown: list[Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")]] | Literal["all"] = Field(
        [], description="reconstructions (structure/task) that are drawn and written as models and maps; or all"
    )
    showcases: dict[str, Showcase] = Field(
        PAPER_SHOWCASES,
        description="the columns of Fig. 2, by structure, in their order; those that `structures.entries` does not "
        "list are left out; naming any replaces the paper's",
    )

    redraw: str | None = Field(
        None, description="folder of published tables that `figures` draws instead of computing; null: compute"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Configuration":
        if "calibration" in self.tasks:
            raise ValueError("tasks.calibration: figures/calibration is another figure; call the task differently")
        if self.prior not in self.priors:
            raise ValueError(f"prior: '{self.prior}' is none of the priors{nearest(self.prior, self.priors)}")
        for name in RESERVED & set(self.tasks):
            raise ValueError(f"tasks.{name}: this name belongs to `showcases`; choose another")
        measured = {f"tasks.{name}": task for name, task in self.tasks.items()}
        if "showcases" in self.model_fields_set:  # the paper's own may be of structures that are not configured
            measured |= {f"showcases.{name}": showcase for name, showcase in self.showcases.items()}
        for name, task in measured.items():
            for key in ("points", "low_resolution"):
                if getattr(task, key) > self.coarse_grain.components and (key != "points" or task.projections):
                    raise ValueError(
                        f"{name}.{key}: {getattr(task, key)} points of a cloud of {self.coarse_grain.components} "
                        "(coarse_grain.components)"
                    )
        return self


def load(config: dict[str, Any]) -> Configuration:
    """Check a configuration and fill in what it leaves out.

    Raises
    ------
    WorkflowError
        With one line a mistake: where, what, and for an unknown key the nearest known one.
    """
    try:
        return Configuration.model_validate(config)
    except ValidationError as problem:
        lines = [_line(error) for error in problem.errors()]
    raise WorkflowError("the configuration has mistakes:\n" + "\n".join(f"  {line}" for line in lines))


def _line(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"] if part != "[key]")
    if error["type"] == "value_error":  # our own: complete sentences
        message = str(error["ctx"]["error"])
    elif error["type"] == "missing":
        message = "is required"
    else:
        message = f"{error['msg'][0].lower()}{error['msg'][1:]}, but is {error['input']!r}"
    return f"{place}: {message}" if place else message


def schema() -> str:
    """The configuration's JSON schema, as YAML."""
    import yaml

    head = "# generated by `make schema` from workflow/configuration.py; do not edit\n"
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Configuration.model_json_schema()
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
