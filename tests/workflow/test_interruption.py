"""Ctrl-C before a script has begun its work: it ends in silence, and what snakemake hands it is not printed."""

import signal
import subprocess
import sys

import pytest
from workflow.conftest import ROOT

SNAKEFILE = f"""
import sys

if config.get("remedy"):
    sys.path.insert(0, "{ROOT / "workflow"}")
    from benchmark.snakemake_patches.interrupting import interrupt_quietly
    interrupt_quietly()
    interrupt_quietly()

rule all:
    output: "said.txt"
    script: "say.py"
"""


@pytest.mark.parametrize(
    ("remedy", "ignored", "said"),
    [(1, False, "SIG_DFL"), (1, True, "SIG_IGN"), (0, False, "default_int_handler")],
)
def test_scripts_begin_with_the_quiet_end(tmp_path, remedy, ignored, said):
    """Where this fails for snakemake alone, the remedy is needed no longer."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "say.py").write_text(
        "import signal\nopen(snakemake.output[0], 'w').write(repr(signal.getsignal(signal.SIGINT)))"
    )
    before = signal.SIG_IGN if ignored else signal.SIG_DFL
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all", "--config", f"remedy={remedy}"],
        cwd=tmp_path,
        check=True,
        timeout=300,
        preexec_fn=lambda: signal.signal(signal.SIGINT, before),
    )
    found = (tmp_path / "said.txt").read_text()
    assert said in found
