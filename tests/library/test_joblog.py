"""Jobs before their work begins and when they end: garbage is left alone then, and Ctrl-C ends them in silence."""

import signal
import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "scripts"
JOB = """
import gc
import weakref

from joblog import logged

assert not gc.isenabled()
import unittest.mock


class Ring:
    pass


with logged("job.log"):
    assert gc.isenabled()
    assert gc.get_freeze_count() > 10_000
    ring = Ring()
    ring.ring, seen = ring, weakref.ref(ring)
    del ring
    gc.collect()
    assert seen() is None
    before = gc.get_freeze_count()

import atexit
atexit._run_exitfuncs()
assert gc.get_freeze_count() > before
"""


def hear():
    """Ctrl-C, also if tests run in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(folder, job):
    (folder / "job.py").write_text(f"import sys\nsys.path.append({str(SCRIPTS)!r})\n{job}")
    return subprocess.run(
        [sys.executable, "job.py"], cwd=folder, capture_output=True, text=True, check=False, preexec_fn=hear
    )


def test_a_job_collects_what_it_makes_and_not_what_it_imports(tmp_path):
    ended = run(tmp_path, JOB)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_ctrl_c_while_modules_are_imported_ends_a_job_in_silence(tmp_path):
    ended = run(tmp_path, "import joblog\nimport os\nos.kill(os.getpid(), 2)\nprint('went on')")
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")


def test_ctrl_c_while_a_job_works_is_logged(tmp_path):
    ended = run(tmp_path, "import joblog\nimport os\nwith joblog.logged('job.log'): os.kill(os.getpid(), 2)")
    assert (ended.returncode, ended.stderr) == (130, "")
    assert (tmp_path / "job.log").read_text() == "interrupted\n"


def test_a_module_that_cannot_be_imported_is_said(tmp_path):
    ended = run(tmp_path, "import joblog\nimport no_such_module")
    assert ended.returncode == 1
    assert "No module named 'no_such_module'" in ended.stderr
