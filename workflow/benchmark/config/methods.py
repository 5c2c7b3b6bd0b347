"""Sections of the methods (one for each of the registry that has settings), the likelihood, the computation."""

from typing import Any, Literal

from pydantic import Field

from benchmark.config.derived import section
from benchmark.config.sections import Section
from pointprior.measurements import likelihood
from pointprior.methods import METHODS, Method
from pointprior.reconstruction import schedule
from pointprior.reconstruction.settings import execution


def section_of(method: Method) -> type:
    """The section of a method's settings; its name in the schema is the method's."""
    return section(method.load_settings(), name="".join(word.title() for word in method.name.split("_")))


SECTIONS = {method.name: section_of(method) for method in METHODS.values() if method.module is not None}
Unconditional: Any = section(schedule.Unconditional, without=("t_min", "rho"))


class _Jobs(Section):
    """How the work is cut."""

    job: Literal["task", "structure"] = Field(
        "task",
        description="what a job works on: a molecule in one task, or in all tasks without `entries`: few jobs, for "
        "thousands of molecules; but a change in one task makes all of them anew",
    )


Execution: Any = section(execution.Execution, base=_Jobs, name="Execution", device="auto")
Likelihood: Any = section(likelihood.Likelihood)
