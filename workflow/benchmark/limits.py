"""What SLURM's partitions allow, and which jobs ask for more: said before the first of them is refused."""

import itertools
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass

FORMAT = "%P|%l|%c|%m|%G"  # of sinfo: partition (* is the default), longest time, CPUs, memory (MB) and GPUs of a node


@dataclass(frozen=True)
class Nodes:
    """Nodes of one kind in a partition."""

    partition: str
    default: bool
    minutes: float  # inf: no limit
    cores: int
    memory_mb: int
    gpus: int

    def lacks(self, asked: "Request") -> list[str]:
        """What a job asks for and these nodes do not give."""
        pairs = [
            ("minutes", asked.minutes, self.minutes),
            ("cores", asked.cores, self.cores),
            ("MB of memory", asked.memory_mb, self.memory_mb),
            ("GPUs", asked.gpus, self.gpus),
        ]
        return [f"{wanted:,.0f} {what} (there are {there:,.0f})" for what, wanted, there in pairs if wanted > there]


@dataclass(frozen=True)
class Request:
    """What a job asks of a node; `partitions` is empty where it takes the cluster's default."""

    name: str
    partitions: tuple[str, ...]
    minutes: float
    cores: int
    memory_mb: float
    gpus: float


def partitions(text: str) -> list[Nodes]:
    """Read what `sinfo --format` prints with `FORMAT`, a line for every kind of nodes.

    Examples
    --------
    >>> partitions("main*|1-02:00:00|64|515000+|gpu:a100:4(S:0-1)")[0]
    Nodes(partition='main', default=True, minutes=1560.0, cores=64, memory_mb=515000, gpus=4)
    """
    rows = [line.split("|") for line in text.splitlines() if line.count("|") == FORMAT.count("|")]
    return [
        Nodes(name.rstrip("*"), name.endswith("*"), _minutes(time), _number(cores), _number(memory), _gpus(gres))
        for name, time, cores, memory, gres in rows
    ]


def excesses(requests: Iterable[Request], nodes: list[Nodes]) -> list[str]:
    """A line for every kind of job that no node of its partitions could take, with what it lacks."""
    lines = {}
    for asked in requests:
        there = [
            kind for kind in nodes if kind.partition in asked.partitions or (not asked.partitions and kind.default)
        ]
        lacks = min((kind.lacks(asked) for kind in there), key=len, default=[])
        if lacks and asked.name not in lines:
            place = ",".join(sorted({kind.partition for kind in there}))
            lines[asked.name] = f"{asked.name}: partition {place} does not give {', '.join(lacks)}"
    return list(lines.values())


def ask_slurm() -> list[Nodes]:
    """The cluster's partitions."""
    command = ["sinfo", "--all", "--exact", "--noheader", "--format", FORMAT]
    return partitions(subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout)


def _minutes(text: str) -> float:
    """SLURM's [days-]hours:minutes:seconds, minutes:seconds, or infinite."""
    if not re.fullmatch(r"(\d+-)?\d+(:\d+)*", text):
        return float("inf")
    days, _, clock = text.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    seconds = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    return int(days or 0) * 1440 + seconds / 60


def _number(text: str) -> int:
    return int("".join(itertools.takewhile(str.isdigit, text)) or 0)


def _gpus(gres: str) -> int:
    """GPUs in a list such as gpu:a100:4(S:0-1),shard:16."""
    parts = [part.split(":") for part in re.sub(r"\([^)]*\)", "", gres).split(",")]
    return sum(int(part[-1]) if part[-1].isdigit() else 1 for part in parts if part[0] == "gpu")
