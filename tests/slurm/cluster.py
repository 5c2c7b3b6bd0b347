"""A real SLURM on this machine, for tests: started from Debian's packages, by process id, on 127.0.0.1 alone.

`slurmctld slurmd slurm-client munge` must be installed, and the caller must be root; neither systemd nor cgroups
nor a database is needed. Two virtual nodes claim more cores and memory than there are, so that jobs can ask for
what they would ask of a cluster; the second has a GPU in name (`Gres=gpu:toy:1`), which no program will find.

`python tests/slurm/cluster.py` says whether a cluster can be started here.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from processes import (
    MARK,
    NODES,
    belonging_to,
    called,
    cluster_of,
    end_all,
    end_processes,
    environment_of,
    is_step,
    job_of,
    listening,
    running,
)

PACKAGES = "slurmctld slurmd slurm-client munge"
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel")
# programs that a job starts lose SLURM_CONF on the way, so the place that is compiled in must hold a configuration
SYSTEM_CONF = Path("/etc/slurm/slurm.conf")
ASIDE = SYSTEM_CONF.with_name("slurm.conf.before-pointprior-test")
CPUS, MEMORY_MB = 24, 96_000

CONF = """\
ClusterName=pointprior
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={prefix}/munge.socket
CryptoType=crypto/munge
# loopback only
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation={prefix}/state
SlurmdSpoolDir={prefix}/spool-%n
SlurmctldPidFile={prefix}/slurmctld.pid
SlurmdPidFile={prefix}/slurmd-%n.pid
SlurmctldLogFile={prefix}/slurmctld.log
SlurmdLogFile={prefix}/slurmd-%n.log
PlugStackConfig={prefix}/plugstack.conf
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc={prefix}/finished.txt
AccountingStorageType=accounting_storage/none
# finished jobs stay in the controller's memory for the whole test
MinJobAge=7200
ReturnToService=2
JobRequeue=0
KillWait=30
SlurmdTimeout=20
SlurmctldTimeout=30
MessageTimeout=10
# nodes may claim more than the machine has
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName={nodes[0]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cpus} RealMemory={memory} Weight=1
NodeName={nodes[1]} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs={cpus} RealMemory={memory} Weight=9 \
Feature=large Gres=gpu:toy:1
PartitionName=cpu Nodes={nodes[0]},{nodes[1]} Default=YES MaxTime=5-00:00:00 DefaultTime=10 DefMemPerCPU=512 State=UP
PartitionName=gpu Nodes={nodes[1]} MaxTime=5-00:00:00 DefaultTime=10 DefMemPerCPU=512 State=UP
"""


class ClusterError(RuntimeError):
    """The cluster cannot be started, or does not do what it was asked."""


def obstacle() -> str | None:
    """Why no cluster can be started here, or None."""
    missing = [program for program in PROGRAMS if shutil.which(program, path=_path()) is None]
    if missing:
        return f"{', '.join(missing)} missing: apt-get install --no-install-recommends {PACKAGES}"
    if os.geteuid() != 0:
        return "only root can start a SLURM (it must write /etc/slurm/slurm.conf)"
    foreign = [pid for pid in called("slurmctld", "slurmd") if MARK not in environment_of(pid)]
    if foreign:
        return f"another SLURM runs on this machine (processes {', '.join(map(str, foreign))})"
    return None


@dataclass
class Cluster:
    """A controller and two nodes whose files stand in one folder; a context manager that starts and stops them."""

    prefix: Path
    environment: dict[str, str] = field(init=False)  # of whoever shall submit jobs

    def __post_init__(self):
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM_", "SBATCH_", "SRUN_"))}
        self.environment = kept | {"PATH": _path(), MARK: str(self.prefix)}
        self.environment["SLURM_CONF"] = str(self.prefix / "slurm.conf")  # gres.conf is looked for beside it

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    # ---- start and stop

    def start(self) -> None:
        """Start everything and wait until both nodes are idle."""
        if problem := obstacle():
            raise ClusterError(problem)
        end_processes(lambda pid: cluster_of(pid) is not None)  # of a test that was killed
        _take_back_link()
        self.prefix.mkdir(parents=True, exist_ok=True)
        self.prefix.chmod(0o755)
        self._configure()
        self._start_munge()
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.wait_until(lambda: set(self.nodes().values()) == {"idle"}, "both nodes are idle", seconds=30)

    def stop(self) -> None:
        """End every process of the cluster and of its jobs, and give the system's configuration back."""
        for name in (*(f"slurmd-{node}" for node in NODES), "slurmctld", "munged"):
            self._end(name)
        end_processes(lambda pid: cluster_of(pid) == str(self.prefix))
        _take_back_link()

    def start_controller(self) -> None:
        """Start slurmctld; a state that an earlier one saved is taken up."""
        state = self.prefix / "state"
        fresh = [] if any(state.iterdir()) else ["-c"]
        self.call("slurmctld", *fresh)
        self.wait_until(lambda: "UP" in self.call("scontrol", "ping", check=False), "the controller answers")

    def stop_controller(self) -> None:
        """End slurmctld; it saves its state."""
        self._end("slurmctld")

    def start_node(self, node: str) -> None:
        """Start the slurmd of a node."""
        self.call("slurmd", "-N", node)

    def kill_node(self, node: str) -> None:
        """End a node's slurmd and all that its jobs have started, at once, as when a machine dies."""
        daemon = int((self.prefix / f"slurmd-{node}.pid").read_text())
        jobs = {job["JobId"] for job in self.jobs() if job["JobState"] == "RUNNING" and job["NodeList"] == node}
        os.kill(daemon, signal.SIGKILL)
        chosen = [pid for pid in belonging_to(self.prefix) if job_of(pid) in jobs]
        for pid in sorted(chosen, key=lambda pid: not is_step(pid)):  # the steps first, or they tell how it ended
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    # ---- what the cluster says

    def nodes(self) -> dict[str, str]:
        """State of each node."""
        lines = self.call("sinfo", "--noheader", "--Node", "--format", "%N %T").splitlines()
        return dict(line.split() for line in lines)

    def jobs(self) -> list[dict[str, str]]:
        """SLURM's record of every job since the start, in the order of submission."""
        text = self.call("scontrol", "--oneliner", "show", "jobs")
        rows = [line for line in text.splitlines() if line.startswith("JobId=")]
        return sorted((_record(row) for row in rows), key=lambda job: int(job["JobId"]))

    def finished(self) -> dict[str, dict[str, str]]:
        """The completion log: a record of every finished job, by its id."""
        path = self.prefix / "finished.txt"
        records = [_record(line) for line in path.read_text().splitlines()] if path.exists() else []
        return {record["JobId"]: record for record in records}

    def sockets(self) -> set[str]:
        """Addresses that the cluster's processes listen on."""
        return listening(belonging_to(self.prefix))

    def running(self, script: str) -> list[int]:
        """Process ids of a Python script of that name in the cluster's jobs."""
        return running(self.prefix, script)

    def leftovers(self) -> list[int]:
        """Processes of the cluster or its jobs that are there."""
        return belonging_to(self.prefix)

    def call(self, *command: str, check: bool = True, timeout: float = 60) -> str:
        """Run a program as the cluster's user and give what it printed."""
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=self.prefix,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        if check and done.returncode:
            raise ClusterError(f"{' '.join(command)}: {done.stdout}")
        return done.stdout

    def wait_until(self, condition: Callable[[], object], what: str, seconds: float = 60) -> None:
        """Wait for a condition.

        Raises
        ------
        ClusterError
            If it does not come true in time; with the logs' last lines.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                logs = "\n".join(_tail(path) for path in sorted(self.prefix.glob("*.log")))
                raise ClusterError(f"waited {seconds:.0f} s in vain: {what}\n{logs}")
            time.sleep(0.2)

    # ---- parts

    def _configure(self) -> None:
        with _free_ports(3) as ports:
            text = CONF.format(
                host=socket.gethostname().split(".")[0],
                ports=ports,
                prefix=self.prefix,
                nodes=NODES,
                cpus=CPUS,
                memory=MEMORY_MB,
            )
        for folder in ("state", *(f"spool-{node}" for node in NODES)):
            (self.prefix / folder).mkdir(exist_ok=True)
        (self.prefix / "plugstack.conf").touch()
        (self.prefix / "gres.conf").write_text(
            f"AutoDetect=off\nNodeName={NODES[1]} Name=gpu Type=toy File=/dev/null\n"
        )
        (self.prefix / "slurm.conf").write_text(text)
        _set_link(self.prefix / "slurm.conf")

    def _start_munge(self) -> None:
        key = self.prefix / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        places = {"key-file": key, "socket": "munge.socket", "pid-file": "munged.pid", "log-file": "munged.log"}
        places |= {"seed-file": "munged.seed"}
        options = [f"--{name}={self.prefix / place}" for name, place in places.items()]
        # pytest's folders may be closed to others, as they should be; munged only wants to be sure of its own
        self.call("munged", "--force", "--num-threads=2", *options)

    def _end(self, name: str) -> None:
        """End a daemon by its process id; by force if it does not listen."""
        path = self.prefix / f"{name}.pid"
        with suppress(OSError, ValueError):
            pid = int(path.read_text())
            if environment_of(pid).get(MARK) == str(self.prefix):
                end_all([pid], patience=10)
            path.unlink(missing_ok=True)


# ---- the system's configuration


def _set_link(target: Path) -> None:
    SYSTEM_CONF.parent.mkdir(exist_ok=True)
    if SYSTEM_CONF.exists() or SYSTEM_CONF.is_symlink():
        SYSTEM_CONF.rename(ASIDE)
    SYSTEM_CONF.symlink_to(target)


def _take_back_link() -> None:
    """Remove our link, if it is ours, and put back what stood there before."""
    ours = SYSTEM_CONF.is_symlink() and (SYSTEM_CONF.readlink().parent / "munge.key").exists()
    if ours or (SYSTEM_CONF.is_symlink() and not SYSTEM_CONF.exists()):
        SYSTEM_CONF.unlink()
    if (ASIDE.exists() or ASIDE.is_symlink()) and not SYSTEM_CONF.exists():
        ASIDE.rename(SYSTEM_CONF)


# ---- small things


def _record(line: str) -> dict[str, str]:
    """'JobId=1 JobName=x ...' as a mapping; values hold no blanks in what we submit."""
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def _tail(path: Path, lines: int = 5) -> str:
    return "\n".join([f"--- {path.name}", *path.read_text(errors="replace").splitlines()[-lines:]])


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin"


class _free_ports:
    """Ports that nobody listens on, kept until the block ends."""

    def __init__(self, count: int):
        self._sockets = [socket.socket() for _ in range(count)]

    def __enter__(self) -> list[int]:
        for one in self._sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in self._sockets]

    def __exit__(self, *_) -> None:
        for one in self._sockets:
            one.close()


if __name__ == "__main__":
    sys.exit(obstacle())
