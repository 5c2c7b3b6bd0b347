"""Everything that `config/*.yaml` may say."""

from typing import Annotated, Literal

from pydantic import Field, create_model, model_validator

from benchmark.config.experiments import AlphaSweep, Density, Evaluation
from benchmark.config.measurements import Showcase, Task
from benchmark.config.methods import SECTIONS, Execution, Likelihood, Unconditional
from benchmark.config.paper import PAPER_SHOWCASES, PAPER_TASKS
from benchmark.config.priors import PriorChoice
from benchmark.config.sections import Name, Samples, Section, Within, nearest
from benchmark.config.structures import CoarseGrain, Structures
from pointprior.methods import METHODS

# names that no task may have, since results of others are called so: to whom each belongs
RESERVED = {
    "showcase": "`showcases`",
    "figure2": "`showcases`",
    "calibration": "the figure of all calibrations",
    "noise": "the figures of all levels of noise",
    "atomic": "the figures of scores against all heavy atoms",
    "reconstructions": "the figures of single reconstructions",
    "atoms": "a structure's atoms",
    "cloud": "a structure's cloud",
    "rmsd": "a structure's table",
}


class _Configuration(Section):
    """Everything but the sections of the methods."""

    seed: Annotated[int, Within(0, 2**63 - 1, "a whole number of 64 bits")] = Field(
        0, description="of every random draw"
    )
    structures: Structures = Structures()
    coarse_grain: CoarseGrain = CoarseGrain()
    tasks: dict[Name, Task] = Field(
        PAPER_TASKS, min_length=1, description="what is measured, by name; naming any replaces the paper's"
    )
    methods: list[Literal[tuple(METHODS)]] = Field(list(METHODS), min_length=1, description="who reconstructs")
    samples: Samples = Field(10, description="reconstructions of a structure by a method")
    energy: Literal["redrawn", "fixed"] = Field(
        "redrawn",
        description="how few measured points are repeated up to the model's: redrawn at every evaluation, and E is a "
        "mean over coordinates; or fixed once and for all, and E is a mean over points",
    )
    likelihood: Likelihood = Likelihood()
    execution: Execution = Execution()
    unconditional: Unconditional = Unconditional()
    evaluation: Evaluation = Evaluation()
    alignment: Literal["kernel_correlation", "cpd"] = Field(
        "kernel_correlation", description="how scores superpose a model on the truth; cpd: coherent point drift"
    )
    density: Density = Density()
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
    def _consistent(self) -> "_Configuration":
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


Configuration = create_model(
    "Configuration",
    __base__=_Configuration,
    __doc__="Everything that `config/*.yaml` may say.",
    __module__=__name__,
    **{name: (section, section()) for name, section in SECTIONS.items()},
)
