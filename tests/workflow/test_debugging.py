"""A script under a debugger: what CONTRIBUTING.md promises."""

import subprocess


def test_a_breakpoint_in_a_script_opens_the_debugger_with_the_jobs_object(checkout):
    script = checkout.root / "scripts/structures/coarse_grain_structure.py"
    script.write_text(script.read_text().replace("with logged", "breakpoint()\nwith logged", 1))
    done = subprocess.run(
        checkout.command("results/1tst/atoms.npz", cores=1),
        cwd=checkout.folder,
        env=checkout.environment(),
        input="print('stopped for', snakemake.wildcards.structure)\ncontinue\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "stopped for 1tst" in done.stdout
    assert (checkout.folder / "results/1tst/atoms.npz").exists()
