"""Data sets of shapes: which objects, where they come from, what is measured of them, and the stand-in for ShapeNet."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from benchmark.config.measurements import Measured
from benchmark.config.sections import CHANGES_NO_RESULT, Name, Section, Within, nearest
from pointprior.shapes.categories import CATEGORIES

MOLECULES = "cryostruct"  # the data set of the molecules, which `structures`, `tasks` and `prior` describe
STANDIN = "standin"  # the archive that the workflow makes itself


def _category(name: str) -> str:
    if name not in CATEGORIES:
        raise ValueError(f"'{name}' is no category of the archive{nearest(name, CATEGORIES)}")
    return name


Category = Annotated[str, AfterValidator(_category)]
Objects = Annotated[int, Within(1, 10_000, "each takes some 0.2 MB of the archive")]


class ShapeTask(Measured):
    """Measurements that are made of all shapes of a data set."""

    rotation: Literal["SO3", "O3"] = Field("O3", description="random rotations (SO3), or also mirror images (O3)")
    noise: Annotated[float, Within(0, 10, "in units of the archive, whose objects are about 1 wide")] = Field(
        0.0, description="standard deviation of a projected point's coordinate (in units of the archive)"
    )

    @model_validator(mode="after")
    def _parts_are_clusters(self) -> "ShapeTask":
        if self.subunit is not None and self.subunit.clusters is None:
            raise ValueError("shapes have neither entities nor chains: give the subunit `clusters`")
        return self


class Dataset(Section):
    """Shapes in the layout of ShapeNet's part annotation."""

    archive: Annotated[str | None, CHANGES_NO_RESULT] = Field(
        None,
        description="folder or zip of ShapeNet's part annotation; null: what the environment variable SHAPENET_DIR "
        "names; standin: objects that the workflow makes itself (`standin`)",
    )
    categories: list[Category] = Field(min_length=1, description="kinds of objects")
    split: Literal["train", "val", "test"] = Field("test", description="which of the archive's splits is reconstructed")
    first: Annotated[int, Within(1, 100_000, "each is reconstructed in all tasks")] = Field(
        100, description="shapes: the first of the split, in the archive's order, of these categories"
    )
    points: Annotated[int, Within(8, 16_384, "each point has six neighbours, and a matching grows with the cube")] = (
        Field(1024, description="points of a cloud, drawn from the object's")
    )
    prior: str = Field(description="which of `priors` the reconstructions use")
    tasks: dict[Name, ShapeTask] = Field(min_length=1, description="what is measured of every shape, by name")

    @model_validator(mode="before")
    @classmethod
    def _each_once(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("categories"), str):
            return values | {"categories": [values["categories"]]}
        return values


class Standin(Section):
    """Procedural objects in the archive's layout: a stand-in where ShapeNet is not at hand."""

    seed: Annotated[int, Within(0, 2**63 - 1, "a whole number of 64 bits")] = Field(0, description="of every object")
    train: Objects = Field(200, description="training objects of each category")
    validation: Objects = Field(20, description="validation objects of each category")
    test: Objects = Field(20, description="test objects of each category")
