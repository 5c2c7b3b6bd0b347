"""Everything that `config/*.yaml` may say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, create_model, field_validator, model_validator

from benchmark import paths
from benchmark.config.datasets import MOLECULES, Dataset, Standin
from benchmark.config.experiments import AlphaSweep, Density, Evaluation, Integrators, TimeSteps
from benchmark.config.measurements import Measured, Showcase, Task
from benchmark.config.methods import SECTIONS, Execution, Likelihood, Unconditional
from benchmark.config.own import Own
from benchmark.config.paper import PAPER_DATASETS, PAPER_SHOWCASES, PAPER_TASKS
from benchmark.config.priors import PriorChoice
from benchmark.config.sections import Name, Samples, Section, Within, nearest
from benchmark.config.structures import CoarseGrain, Structures
from pointprior.methods import METHODS, default_names
from pointprior.structures import archive

# names that no task may have, since results of others are called so: to whom each belongs
RESERVED = {
    "showcase": "`showcases`",
    "figure2": "`showcases`",
    **{f"figure{number}": f"the paper's Fig. {number}" for number in (1, 3, 4, 5, 6)},
    "calibration": "the figure of all calibrations",
    "noise": "the figures of all levels of noise",
    "atomic": "the figures of scores against all heavy atoms",
    "reconstructions": "the figures of single reconstructions",
    "atoms": "a structure's atoms",
    "second_fit": "a structure's second fit",
    "cloud": "a structure's cloud",
    "rmsd": "a structure's table",
}


MethodName: Any = Literal[tuple(METHODS)]


class _Configuration(Section):
    """Everything but the sections of the methods."""

    if TYPE_CHECKING:  # of the methods' sections, which are added below, those that the workflow names
        dps: Any
        pnp: Any

    seed: Annotated[int, Within(0, 2**63 - 1, "a whole number of 64 bits")] = Field(
        0, description="of every random draw"
    )
    structures: Structures = Structures()
    coarse_grain: CoarseGrain = CoarseGrain()
    tasks: dict[Name, Task] = Field(
        PAPER_TASKS, min_length=1, description="what is measured, by name; naming any replaces the paper's"
    )
    datasets: dict[Name, Dataset] = Field(
        {},
        description="data sets of shapes, by name, beside the molecules; shapenet_chair and shapenet_mixed have the "
        "paper's values for what they leave out",
    )
    standin: Standin = Standin()
    own: dict[Name, Own] = Field(
        {}, description="specimens of one's own, by name: images with poses, a map, a part; no structure is known"
    )
    methods: list[MethodName] = Field(default_names(), min_length=1, description="methods to run")
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
    integrators: Integrators = Integrators()
    time_steps: TimeSteps = TimeSteps()
    prior: str = Field("cryostruct", description="which of `priors` the reconstructions use")
    priors: dict[Name, PriorChoice] = Field({"cryostruct": PriorChoice()}, min_length=1, description="priors by name")
    shown: list[Annotated[str, Field(pattern=r"^([^/]+/)?[^/]+/[^/]+$")]] | Literal["all"] = Field(
        [],
        description="reconstructions (structure/task, or dataset/shape/task) that are drawn and written as models and "
        "maps; or all of the molecules",
    )
    showcases: dict[str, Showcase] = Field(
        PAPER_SHOWCASES,
        description="the columns of Fig. 2, by structure, in their order; those that `structures.entries` does not "
        "list are left out; naming any replaces the paper's there. All stand in their structures' tables, as do the "
        "paper's own of structures that are not named",
    )

    published: str = Field(
        "docs/benchmark",
        description="folder that `publish` fills: tables, configuration and what made them",
    )
    redraw: str | None = Field(
        None, description="folder of published tables that `figures` draws instead of computing; null: compute"
    )

    @field_validator("datasets", mode="before")
    @classmethod
    def _completed(cls, given: Any) -> Any:
        """Data sets of the paper's names, with what they leave out."""
        if not isinstance(given, dict):
            return given
        return {
            name: PAPER_DATASETS.get(name, {}) | (said or {}) if isinstance(said, dict | None) else said
            for name, said in given.items()
        }

    @model_validator(mode="after")
    def _consistent(self) -> "_Configuration":
        self._check_names()
        for place, measured, points, key in self._measured():
            if problem := measured.too_many(points):
                raise ValueError(f"{place}.{problem} ({key})")
            if (going := self._going_by_spacing) and (single := measured.single_point()):
                raise ValueError(
                    f"{place}.{single}: one point tells no spacing, which {', '.join(going)} go by (methods)"
                )
        return self

    def _check_names(self) -> None:
        """Names of others must be known, and none may be taken twice."""
        users = {"prior": self.prior} | {f"datasets.{name}.prior": data.prior for name, data in self.datasets.items()}
        users |= {f"evaluation.priors.{k}": prior for k, prior in enumerate(self.evaluation.priors or [])}
        for place, prior in users.items():
            if prior not in self.priors:
                raise ValueError(f"{place}: '{prior}' is none of the priors{nearest(prior, self.priors)}")
        for place, name in self._task_names():
            if name.lower() in RESERVED:
                raise ValueError(f"{place}.{name}: this name belongs to {RESERVED[name.lower()]}; choose another")
        for name in self.datasets:
            if name == MOLECULES or name.lower() in paths.FOLDERS or _is_entry(name):
                raise ValueError(f"datasets.{name}: this is the name of another folder of results; choose another")
        for prior, choice in self.priors.items():
            learnt = choice.training.dataset
            if learnt is not None and learnt not in self.datasets:
                hint = nearest(learnt, self.datasets) if self.datasets else "; there are none"
                raise ValueError(f"priors.{prior}.training.dataset: '{learnt}' is none of the datasets{hint}")

    def _task_names(self) -> list[tuple[str, str]]:
        tasks = {"tasks": self.tasks} | {f"datasets.{name}.tasks": data.tasks for name, data in self.datasets.items()}
        return [(place, name) for place, named in tasks.items() for name in named]

    def _measured(self) -> Iterator[tuple[str, Measured, int, str]]:
        """Everything that is measured: its place, what it is, the points of its clouds, and who says these."""
        molecules: dict[str, Measured] = {f"tasks.{name}": task for name, task in self.tasks.items()}
        if "showcases" in self.model_fields_set:  # the paper's own may be of structures that are not configured
            molecules |= {f"showcases.{name}": showcase for name, showcase in self.showcases.items()}
        for place, measured in molecules.items():
            yield place, measured, self.coarse_grain.components, "coarse_grain.components"
        for name, data in self.datasets.items():
            for task, shaped in data.tasks.items():
                yield f"datasets.{name}.tasks.{task}", shaped, data.points, f"datasets.{name}.points"

    @property
    def _going_by_spacing(self) -> list[str]:
        """Methods that estimate the spacing of the cloud, or begin from one that does."""
        sections = {name: getattr(self, name) for name in self.methods if name in SECTIONS}
        begun = {name for name, given in sections.items() if getattr(given, "initial", None) == "ml_regularised"}
        own = {"ml_regularised"} | ({"pnp"} if self.pnp.regularised else set())
        return [name for name in sections if name in begun | own]


def _is_entry(name: str) -> bool:
    """Whether a name could be a PDB id."""
    try:
        archive.normalise_id(name)
    except ValueError:
        return False
    return True


_sections: Any = {name: (section, section()) for name, section in SECTIONS.items()}
Configuration = create_model(
    "Configuration",
    __base__=_Configuration,
    __doc__="Everything that `config/*.yaml` may say.",
    __module__=__name__,
    **_sections,
)
