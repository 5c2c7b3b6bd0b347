"""Snakemake that asks SLURM for its jobs' states every second, for tests: the plugin waits 10 s longer each time."""

import asyncio
import sys

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor


async def _briefly(self):
    await asyncio.sleep(1)


RemoteExecutor.sleep = _briefly
sys.exit(main())
