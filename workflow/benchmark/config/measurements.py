"""What can be measured of a structure."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from benchmark.config.sections import Entries, Pattern, Section, Steps, Text, Within
from pointprior.measurements import likelihood
from pointprior.reconstruction.schedule import NoiseControlName

Alpha = Annotated[float, Within(0, 1e9, "0 guides nothing; millions throw points out of the cube")]
Lost = Annotated[float, Within(0, 0.9, "a share, and some points must be left")]
Points = Annotated[int, Within(1, 16_384, "no more than a cloud has")]


class Subunit(Section):
    """A known part of the structure: exactly one way to say which."""

    entity: Pattern | None = Field(None, description="pattern (regular expression) on the entity's description")
    chains: list[str] | None = Field(None, min_length=1, description="chain ids")
    clusters: Annotated[int, Within(2, 16_384, "one of them is taken, of as many points as a cloud has")] | None = (
        Field(None, description="k-means clusters, one taken at random")
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> "Subunit":
        if sum(value is not None for value in (self.entity, self.chains, self.clusters)) != 1:
            raise ValueError("say exactly one of entity, chains, clusters")
        return self


class Measured(Section):
    """What is measured of a structure, and how strongly the measurements guide."""

    projections: Annotated[int, Within(0, 1000, "views of one structure, each matched at every step")] = Field(
        0, description="number of projections"
    )
    points: Points = Field(1024, description="points of a projection")
    low_resolution: Annotated[int, Within(0, 16_384, "fewer than a cloud has; 0 is none")] = Field(
        0, description="points of a low-resolution structure"
    )
    subunit: Subunit | None = Field(None, description="a part of the structure that is known")
    alpha: Alpha = Field(description="guidance strength α, for the Frobenius sum of the squared distances")
    alpha_unclipped: Alpha | None = Field(
        None,
        description="α where `dps.guidance_clip` is null, if it differs from `alpha`; null: the same",
    )
    beta: NoiseControlName = Field("1/t", description="noise control β(t)")
    steps: Steps | None = Field(None, description="time steps; null: those of `dps`")
    weights: list[Annotated[float, Within(0, 1e6, "only their ratios count")]] | None = Field(
        None, description="share of each measurement; null: equal"
    )
    rotation: Literal["SO3", "O3"] = Field("SO3", description="random rotations (SO3), or also mirror images (O3)")
    noise: Annotated[float, Within(0, 1000, "in Å, and whole structures are some hundreds")] = Field(
        0.0, description="standard deviation of a projected point's coordinate (in Å)"
    )
    draw: Literal["means", "density"] = Field(
        "means",
        description="means: all measurements show the same points, the cloud's; density: each draws its own from "
        "the mixture",
    )
    missing: Lost = Field(0.0, description="share of a projection's points that are not seen")
    spurious: Lost = Field(0.0, description="false points of a projection, as a share of its points")
    pose_error: Annotated[float, Within(0, 180, "an angle in degrees")] = Field(
        0.0, description="root-mean-square error (in degrees) of the directions that methods are told"
    )
    pairing: likelihood.Pairing | None = Field(
        None, description="how points are paired with targets; null: as `likelihood` says"
    )
    title: Text | None = Field(None, description="what figures and models call these measurements")

    @model_validator(mode="after")
    def _something_measured(self) -> "Measured":
        observations = self.projections + bool(self.low_resolution) + (self.subunit is not None)
        if not observations:
            raise ValueError("measures nothing: give it projections, low_resolution or a subunit")
        if self.weights is not None and len(self.weights) != observations:
            raise ValueError(f"{len(self.weights)} weights for {observations} measurements")
        if self.weights is not None and not any(self.weights):
            raise ValueError("all weights are zero: no measurement would count")
        return self

    @property
    def seen(self) -> int:
        """Points of a projection, less the missing, with the false."""
        return self.points - round(self.missing * self.points) + round(self.spurious * self.points)

    def too_many(self, components: int) -> str | None:
        """What asks for more points than a cloud has."""
        asked = {
            "points": self.seen if self.projections else 0,
            "low_resolution": self.low_resolution,
            "subunit.clusters": (self.subunit and self.subunit.clusters) or 0,
        }
        for key, count in asked.items():
            if count > components:
                return f"{key}: {count} {'clusters' if 'clusters' in key else 'points'} of a cloud of {components}"
        return None

    def single_point(self) -> str | None:
        """A measurement of one point (or none), which lies at no distance from others."""
        if self.projections and self.seen <= 1:
            return "points"
        return "low_resolution" if self.low_resolution == 1 else None


class Task(Measured):
    """Measurements that the benchmark makes of many structures."""

    entries: Entries | None = Field(None, description="only these structures; null: all")


class Showcase(Measured):
    """Measurements made of one structure only: a column of the paper's Fig. 2."""

    name: Text | None = Field(None, description="what the figure calls the structure")
    steps: Steps | None = Field(80, description="time steps; null: those of `dps`")
