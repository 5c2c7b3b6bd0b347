"""Rules of data sets run as the rules that they are made after: what a profile says of `copy_truth` holds for its kin.

A profile names rules, and does not know the data sets of a configuration (snakemake 9.27 has no patterns of names).
"""

from snakemake.workflow import Workflow


def run_like(workflow: Workflow, rule: str, suffix: str, *, grouped: bool = True) -> None:
    """Let `rule + suffix`, yet to be defined, have the threads, resources and group that a profile gives `rule`."""
    if not suffix:
        return
    resources = workflow.resource_settings
    for given in (resources._parsed_overwrite_threads, resources._parsed_overwrite_resources):
        if rule in given:
            given.setdefault(rule + suffix, given[rule])
    groups = workflow.group_settings.overwrite_groups
    if grouped and rule in groups:
        workflow.group_settings.overwrite_groups = {rule + suffix: groups[rule], **groups}
