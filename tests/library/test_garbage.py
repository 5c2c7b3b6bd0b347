"""Garbage collection in jobs: none while modules are imported, then as usual, and none of all modules at the end."""

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


def test_a_job_collects_what_it_makes_and_not_what_it_imports(tmp_path):
    (tmp_path / "job.py").write_text(f"import sys\nsys.path.append({str(SCRIPTS)!r})\n{JOB}")
    subprocess.run([sys.executable, "job.py"], cwd=tmp_path, check=True)
