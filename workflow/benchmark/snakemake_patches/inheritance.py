"""Rules of data sets run as the rules that they are made after: what a profile says of `copy_truth` holds for its kin.

A profile names rules, and does not know the data sets of a configuration (snakemake 9.27 has no patterns of names).
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakemake.workflow import Workflow


def run_like(workflow: "Workflow", rule: str, like: str, *, grouped: bool = True) -> None:
    """Let a rule, yet to be defined, have the threads, resources and group that a profile gives another."""
    if rule == like:
        return
    resources = workflow.resource_settings
    for given in (resources._parsed_overwrite_threads, resources._parsed_overwrite_resources):
        if like in given:
            given.setdefault(rule, given[like])
    groups = workflow.group_settings.overwrite_groups
    if grouped and like in groups:
        workflow.group_settings.overwrite_groups = {rule: groups[like], **groups}
