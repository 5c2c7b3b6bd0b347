"""Rules of data sets run as the rules that they are made after: what a profile says of `copy_truth` holds for its kin.

A profile names rules, and does not know the data sets of a configuration (snakemake 9.27 has no patterns of names).
"""

from typing import TYPE_CHECKING

from snakemake.rules import Rule

if TYPE_CHECKING:
    from snakemake.workflow import Workflow

KIN: dict[str, str] = {}  # whose group a rule shares, by its name


def share_groups() -> None:
    """Let snakemake put a rule into the group of the rule that it is made after, unless it is given its own."""
    given = Rule.group
    if isinstance(given, _SharedGroup):
        return

    def group(self: Rule) -> str | None:
        own = given.fget(self)
        if own is not None or not self.workflow.non_local_exec_or_dryrun:
            return own
        return self.workflow.group_settings.overwrite_groups.get(KIN.get(self.name))

    Rule.group = _SharedGroup(group, given.fset)


class _SharedGroup(property):
    """Marks that it is done: the rules may be read more than once in a process."""


def run_like(workflow: "Workflow", rule: str, like: str, *, grouped: bool = True) -> None:
    """Let a rule, yet to be defined, have the threads, resources and group that a profile gives another.

    Groups are known only after all rules are read, threads and resources before.
    """
    if rule == like:
        return
    resources = workflow.resource_settings
    for given in (resources._parsed_overwrite_threads, resources._parsed_overwrite_resources):
        if like in given:
            given.setdefault(rule, given[like])
    if grouped:
        KIN[rule] = like
