"""Specimens of one's own: their files, and how they are reconstructed."""

from typing import Any, Literal

from pydantic import Field

from benchmark.config.derived import section
from benchmark.config.sections import Section
from pointprior.measurements.own_files import OwnFiles
from pointprior.methods import names
from pointprior.reconstruction.settings.own import OwnReconstruction

OwnMethod: Any = Literal[(*names("sampler"), *names("baseline"))]


class _Methods(Section):
    """Who reconstructs a specimen."""

    methods: list[OwnMethod] = Field(["pnp"], min_length=1, description="methods to run; the report is about the first")


Own: Any = section(OwnFiles, OwnReconstruction, base=_Methods, name="Own")
