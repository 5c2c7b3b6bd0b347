"""What snakemake (9.27) lacks, one module per remedy; each says when it is needed, and may be applied twice."""

from benchmark.snakemake_patches.collecting import collect_seldom
from benchmark.snakemake_patches.group_errors import tell_why_groups_fail
from benchmark.snakemake_patches.inheritance import share_groups
from benchmark.snakemake_patches.interrupting import interrupt_quietly
from benchmark.snakemake_patches.planning import shorten_planning
from benchmark.snakemake_patches.quoting import quote_interpreter
from benchmark.snakemake_patches.scheduling import one_reevaluation_at_a_time


def apply_patches() -> None:
    """Apply all remedies to the snakemake that runs."""
    one_reevaluation_at_a_time()
    shorten_planning()
    collect_seldom()
    quote_interpreter()
    interrupt_quietly()
    tell_why_groups_fail()
    share_groups()
