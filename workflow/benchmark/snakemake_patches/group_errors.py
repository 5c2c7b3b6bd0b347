"""Why a group of jobs failed: what snakemake (9.27) forgets to say.

Of a single job it prints what the executor said, such as SLURM's reason for refusing it; of a group it drops it.
"""

from snakemake.jobs import GroupJob
from snakemake.logging import logger


def tell_why_groups_fail() -> None:
    """Let snakemake print the executor's message on a failed group before the jobs that the group held."""
    report = GroupJob.log_error
    if getattr(report, "tells", False):
        return

    def told(self: GroupJob, msg: str | None = None, **details) -> None:
        if msg:
            logger.error(f"Group {self.groupid} ({', '.join(sorted({job.rule.name for job in self.jobs}))}): {msg}")
        report(self, msg, **details)

    told.tells = True  # type: ignore[attr-defined]
    GroupJob.log_error = told
