"""Which structures, and the clouds that stand for them."""

from typing import Annotated, Any

from pydantic import Field, field_validator

from benchmark.config.derived import section
from benchmark.config.sections import CHANGES_NO_RESULT, Entries, Listed, Section
from pointprior.structures.recipes import CloudRecipe, MixtureFit


class Structures(Section):
    """Which structures, and where their coordinates come from."""

    entries: Entries = Field(
        ["6ryr", "6rdm", "6vvy", "6id1", "6fvt", "config/lists/mini.txt"],
        description="PDB ids to reconstruct, and files that list them",
    )
    mirrors: Annotated[Listed, CHANGES_NO_RESULT] = Field(
        [], description="local copies of the PDB (folders that hold data/ or structures/), searched before downloading"
    )
    download: Annotated[bool, CHANGES_NO_RESULT] = Field(
        True, description="whether to fetch what no mirror holds from the wwPDB archive"
    )
    bundled: str | None = Field(None, description="folder of clouds {entry}.npz used where no mirror holds the entry")
    assembly: str | None = Field(None, description="biological assembly to build; null: the deposited coordinates")

    @field_validator("assembly", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


CoarseGrain: Any = section(
    MixtureFit, CloudRecipe, name="CoarseGrain", without=("fits", "sub_assemblies", "assembly", "seed", "fit")
)
