"""The path of Python, quoted in shell commands: what snakemake lacks where an environment lies below "a b/".

Snakemake (9.27) and its slurm plugins write `sys.executable` into shell commands as it is: to run a script, and to run
snakemake itself in a job of a cluster.
"""

import shlex
from collections.abc import Iterator

from snakemake.script import PythonScript
from snakemake_interface_executor_plugins.executors.real import RealExecutor


def quote_interpreter() -> None:
    """Let snakemake quote the path of Python wherever it hands it to a shell; once is enough."""
    if getattr(PythonScript._execute_cmd, "quotes", False):
        return
    PythonScript._execute_cmd = _quoting_scripts(PythonScript._execute_cmd)
    for executor in _below(RealExecutor):
        if method := vars(executor).get("get_python_executable"):
            setattr(executor, method.__name__, _quoting_jobs(method))


def _quoting_scripts(execute):
    def quoted(self, cmd, **kwargs):
        return execute(self, cmd.replace("{py_exec}", "{py_exec:q}"), **kwargs)

    quoted.quotes = True  # type: ignore[attr-defined]
    return quoted


def _quoting_jobs(executable):
    def quoted(self):
        path = executable(self)
        return path if path.startswith("'") else shlex.quote(path)

    return quoted


def _below(kind: type) -> Iterator[type]:
    child: type
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
