"""Processes of a test cluster: daemons, SLURM's steps and what the jobs run; found in /proc, ended by their ids."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

# a cluster's daemons and jobs carry its folder in their environment under this name: that is how leftovers are found
MARK = "TEST_CLUSTER_OF_POINTPRIOR"
NODES = ("cpunode", "gpunode")


def end_processes(chosen: Callable[[int], object]) -> None:
    """End all processes that are chosen, never this one."""
    for _ in range(3):  # what was just being started
        end_all([pid for pid in all_processes() if pid != os.getpid() and chosen(pid)], patience=3)


def belonging_to(prefix: Path) -> list[int]:
    """Processes of the cluster in a folder, and of its jobs."""
    return [pid for pid in all_processes() if pid != os.getpid() and cluster_of(pid) == str(prefix)]


def running(prefix: Path, script: str) -> list[int]:
    """Processes of a cluster's jobs that run a Python script of that name (snakemake runs copies: .../tmp*.NAME)."""
    words = {pid: _words(pid) for pid in belonging_to(prefix)}
    return [pid for pid, line in words.items() if "python" in line[0] and any(w.endswith(script) for w in line[1:3])]


def cluster_of(pid: int) -> str | None:
    """Folder of the test cluster that a process belongs to. SLURM's steps blank their environment, but keep a log."""
    if is_step(pid):
        logs = {f"slurmd-{node}.log" for node in NODES}
        paths = [Path(link.removesuffix(" (deleted)")) for link in _links(pid)]
        return next((str(path.parent) for path in paths if path.name in logs), None)
    return environment_of(pid).get(MARK)


def is_step(pid: int) -> bool:
    return _words(pid)[0].startswith("slurmstepd")


def job_of(pid: int) -> str | None:
    """Id of the SLURM job that a process belongs to."""
    if is_step(pid):  # "slurmstepd: [6.batch]"
        return _words(pid)[0].partition("[")[2].partition(".")[0]
    return environment_of(pid).get("SLURM_JOB_ID")


def _words(pid: int) -> list[str]:
    """A process's command line; [''] if it has none, or has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return [""]


def end_all(pids: list[int], patience: float) -> None:
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal_number)
        deadline = time.monotonic() + patience
        while any(map(_alive, pids)) and time.monotonic() < deadline:
            time.sleep(0.1)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def all_processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def called(*names: str) -> list[int]:
    found = []
    for pid in all_processes():
        with suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text().strip() in names:
                found.append(pid)
    return found


def environment_of(pid: int) -> dict[str, str]:
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:  # it ended meanwhile
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def _links(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield os.readlink(path)


def listening(pids: list[int]) -> set[str]:
    """Addresses on which processes listen for TCP."""
    inodes = {link.removeprefix("socket:[").removesuffix("]") for pid in pids for link in _links(pid)}
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [line.split() for table in tables for line in table]
    addresses = [row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes]
    return {".".join(str(byte) for byte in reversed(bytes.fromhex(address))) for address in addresses}
