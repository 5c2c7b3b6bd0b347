"""Which structures, and the clouds that stand for them."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from benchmark.config.sections import CHANGES_NO_RESULT, Entries, Listed, Section, Within


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


class CoarseGrain(Section):
    """The Gaussian mixture that turns atoms into a cloud."""

    components: Annotated[
        int, Within(8, 16_384, "each point has six neighbours, and a matching grows with the cube")
    ] = Field(1024, description="points of a cloud")
    engine: Literal["scikit-learn", "neighbours"] = Field("scikit-learn", description="who fits the mixture")
    tolerance: Annotated[float, Within(1e-9, 1, "nats per atom; less is rounding, more is no fit")] = Field(
        0.001, description="change of the mean log-likelihood that counts as converged"
    )
    max_iterations: Annotated[int, Within(1, 100_000, "EM converges in tens to hundreds")] = Field(
        100, description="most EM iterations"
    )
