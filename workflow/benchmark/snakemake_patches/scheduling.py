"""One re-evaluation at a time: what snakemake's scheduler lacks.

Its limit of new jobs a second (by default 100) lets every round of scheduling start a timer whose end is a round of its
own (snakemake 9.27). So every finished job leaves a chain of rounds behind: after some hundred jobs the scheduler turns
hundreds of times a second and takes half a core from the jobs.
"""

import threading

from snakemake.scheduling.job_scheduler import JobScheduler


def one_reevaluation_at_a_time() -> None:
    """Let snakemake's scheduler wait for one timer, not for one of every round; its limit of new jobs holds as before.

    Later versions that do it otherwise are left alone; a test says when the remedy is needed no longer.
    """
    if not hasattr(JobScheduler, "_schedule_reevalutation"):
        return

    def schedule(self: JobScheduler, delay: float) -> None:
        if getattr(self, "_reevaluation", None) is not None:
            return

        def reevaluate() -> None:
            self._reevaluation = None  # before the round that may ask for the next
            self._open_jobs.release()

        self._reevaluation = threading.Timer(delay, reevaluate)
        self._reevaluation.daemon = True  # the end does not wait for it
        self._reevaluation.start()

    JobScheduler._schedule_reevalutation = schedule
