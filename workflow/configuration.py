"""The workflow's configuration: what may be said, what holds if nothing is said, how a mistake is reported.

The defaults are the paper's; `config/config.yaml` spells them out, and a test holds the two together.
`python workflow/configuration.py` writes the JSON schema that editors and other programs read.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from errors import WorkflowError
from measurements import PAPER_SHOWCASES, PAPER_TASKS, NoiseControl, Showcase, Task
from prior_sections import PriorChoice
from pydantic import Field, ValidationError, field_validator, model_validator
from sections import (
    Descent,
    Entries,
    FirstTime,
    GradientSteps,
    LearningRate,
    Listed,
    Name,
    Samples,
    Section,
    Share,
    Steps,
    Within,
    nearest,
)

SCHEMA = Path(__file__).parent / "schemas" / "config.schema.yaml"
# names that no task may have, since results of others are called so: to whom each belongs
RESERVED = {
    "showcase": "`showcases`",
    "figure2": "`showcases`",
    "calibration": "the figure of all calibrations",
    "noise": "the figures of all levels of noise",
    "reconstructions": "the figures of single reconstructions",
    "atoms": "a structure's atoms",
    "cloud": "a structure's cloud",
    "rmsd": "a structure's table",
}


class Structures(Section):
    """Which structures, and where their coordinates come from."""

    entries: Entries = Field(
        ["6ryr", "6rdm", "6vvy", "6id1", "6fvt", "config/lists/mini.txt"],
        description="PDB ids to reconstruct, and files that list them",
    )
    mirrors: Listed = Field(
        [], description="local copies of the PDB (folders that hold data/ or structures/), searched before downloading"
    )
    download: bool = Field(True, description="whether to fetch what no mirror holds from the wwPDB archive")
    bundled: str | None = Field(None, description="folder of clouds {entry}.npz used where no mirror holds the entry")
    assembly: str | None = Field(None, description="biological assembly to build; null: the deposited coordinates")

    @field_validator("assembly", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class CoarseGrain(Section):
    """The Gaussian mixture that turns atoms into a cloud."""

    components: Annotated[
        int, Within(8, 16_384, "each point has six neighbours, and a matching grows with the cube")
    ] = Field(1024, description="points of a cloud")
    engine: Literal["scikit-learn", "neighbours"] = Field("scikit-learn", description="who fits the mixture")
    tolerance: Annotated[float, Within(1e-9, 1, "nats an atom; less is rounding, more is no fit")] = Field(
        0.001, description="change of the mean log-likelihood that counts as converged"
    )
    max_iterations: Annotated[int, Within(1, 100_000, "EM converges in tens to hundreds")] = Field(
        100, description="most EM iterations"
    )


class Dps(Descent):
    """Diffusion posterior sampling (Algorithm 1)."""

    steps: Steps = Field(40, description="time steps")
    integrator: Literal["paper", "heun", "euler"] = Field("paper", description="how a step is taken")
    guidance_clip: Annotated[float, Within(1e-3, 1e6, "a multiple of a distance; null is no limit")] | None = Field(
        5.0,
        description="how far guidance may move a denoised cloud, in its distances from the measurements; null: as "
        "printed, without a limit",
    )
    batch: Samples | None = Field(
        None,
        description="samples at a time; null: as many as memory holds. "
        "Changes no result on a CPU; on a GPU by rounding, which few and coarse steps amplify",
    )
    precision: Literal["float32", "bfloat16"] = Field("float32", description="of the network's matrix products")
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = Field("auto", description="auto: GPU if any")


class PlugAndPlay(Descent):
    """Plug-and-play sampling (DiffPIR): the prior denoises, the measurements correct in closed form."""

    initial: Literal["ml_regularised", "ml"] | None = Field(
        "ml_regularised", description="method whose models are the start; null: noise (then with t_max 1)"
    )
    steps: Steps = Field(20, description="time steps, a network evaluation each")
    t_max: FirstTime = Field(0.2, description="first time (units of the cube)")
    sigma: Annotated[float, Within(1e-6, 1, "units of the cube, which a cloud about fills")] = Field(
        0.005, description="standard deviation of a measured coordinate (units of the cube)"
    )
    zeta: Share = Field(0.3, description="share of the noise drawn anew at every step")
    regularised: bool = Field(True, description="relax points towards their expected spacing after every data step")


class Unconditional(Section):
    """Sampling the prior without measurements: the control `prior`."""

    steps: Steps = Field(100, description="time steps; fewer from t = 80 blow the clouds up")
    t_max: FirstTime = Field(80.0, description="first time (units of the cube)")
    beta: NoiseControl = Field("1/t above 0.8, else 1", description="noise control β(t)")
    integrator: Literal["paper", "heun", "euler"] = Field("paper", description="how a step is taken")


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


class Ml(Section):
    """Maximum likelihood: Adam from uniform starts."""

    steps: GradientSteps = Field(100, description="Adam steps")
    learning_rate: LearningRate = Field(0.01, description="Adam's learning rate")


class MlRegularised(Section):
    """Maximum likelihood with a regulariser on the distances between neighbours."""

    steps: GradientSteps | None = Field(
        None, description="Adam steps; null: as many as DPS evaluates gradients in the task"
    )
    learning_rate: LearningRate = Field(0.3, description="Adam's learning rate at the start; it falls to zero")
    weight: Annotated[float, Within(0, 1e6, "beyond it the measurements count for nothing")] = Field(
        0.3, description="λ of the regulariser, beside the Frobenius sum of the energy"
    )


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


class Configuration(Section):
    """Everything that `config/*.yaml` may say."""

    seed: Annotated[int, Within(0, 2**63 - 1, "a whole number of 64 bits")] = Field(
        0, description="of every random draw"
    )
    structures: Structures = Structures()
    coarse_grain: CoarseGrain = CoarseGrain()
    tasks: dict[Name, Task] = Field(
        PAPER_TASKS, min_length=1, description="what is measured, by name; naming any replaces the paper's"
    )
    methods: list[Literal["dps", "pnp", "ml", "ml_regularised", "prior", "truth"]] = Field(
        ["dps", "pnp", "ml", "ml_regularised", "prior", "truth"], min_length=1, description="who reconstructs"
    )
    samples: Samples = Field(10, description="reconstructions of a structure by a method")
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
    priors: dict[Name, PriorChoice] = Field({"cryostruct": PriorChoice()}, min_length=1, description="priors by name")
    shown: list[Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")]] | Literal["all"] = Field(
        [], description="reconstructions (structure/task) that are drawn and written as models and maps; or all"
    )
    showcases: dict[str, Showcase] = Field(
        PAPER_SHOWCASES,
        description="the columns of Fig. 2, by structure, in their order; those that `structures.entries` does not "
        "list are left out; naming any replaces the paper's there. All stand in their structures' tables, as do the "
        "paper's own of structures that are not named",
    )

    redraw: str | None = Field(
        None, description="folder of published tables that `figures` draws instead of computing; null: compute"
    )

    @model_validator(mode="after")
    def _consistent(self) -> "Configuration":
        if self.prior not in self.priors:
            raise ValueError(f"prior: '{self.prior}' is none of the priors{nearest(self.prior, self.priors)}")
        for name in [name for name in self.tasks if name.lower() in RESERVED]:
            raise ValueError(f"tasks.{name}: this name belongs to {RESERVED[name.lower()]}; choose another")
        measured = {f"tasks.{name}": task for name, task in self.tasks.items()}
        if "showcases" in self.model_fields_set:  # the paper's own may be of structures that are not configured
            measured |= {f"showcases.{name}": showcase for name, showcase in self.showcases.items()}
        for name, task in measured.items():
            if problem := task.too_many(self.coarse_grain.components):
                raise ValueError(f"{name}.{problem} (coarse_grain.components)")
            if self._needs_spacing and (key := task.single_point()):
                raise ValueError(
                    f"{name}.{key}: one point tells no spacing, which ml_regularised and pnp go by (methods)"
                )
        return self

    @property
    def _needs_spacing(self) -> bool:
        by_pnp = self.pnp.regularised or self.pnp.initial == "ml_regularised"
        return "ml_regularised" in self.methods or ("pnp" in self.methods and by_pnp)


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
    elif error["type"] == "too_short":
        message = "needs at least {min_length}, but has {actual_length}".format(**error["ctx"])
    else:
        given = repr(error["input"])
        message = f"{error['msg'][0].lower()}{error['msg'][1:]}, but is {given[:60]}{'…' * (len(given) > 60)}"
    return f"{place}: {message}" if place else message


def schema() -> str:
    """The configuration's JSON schema, as YAML."""
    import yaml

    head = "# generated by `make schema` from workflow/configuration.py; do not edit\n"
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Configuration.model_json_schema()
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
