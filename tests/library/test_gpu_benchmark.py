"""The benchmark of a GPU: small, on a CPU, on a machine with few packages; and what it measures against."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from straightforward import PlainTransformer

from pointprior.priors.point_transformer import PointTransformer

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, ROOT / "benchmarks/gpu.py", "--device", "cpu", "--small", "--threads", "1"]
NOT_NEEDED = ("numba", "gemmi", "Bio", "pycpd", "mrcfile", "sklearn", "matplotlib", "PIL", "jinja2")


def run(folder, *arguments, without=()):
    """Run the benchmark where some packages cannot be imported."""
    for name in without:
        (folder / f"{name}.py").write_text(f"raise ImportError('{name} is not here')\n")
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"}
    return subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True, text=True, timeout=600)


def test_the_plain_network_is_ours():
    """Written out from the weights' names: the same function, and the same gradient."""
    torch.manual_seed(0)
    network = PointTransformer(width=32, layers=2, heads=2)
    torch.nn.init.normal_(network.project.weight, std=0.1)
    plain = PlainTransformer(network, layers=2, heads=2)
    x, c_noise = torch.randn(2, 20, 3, requires_grad=True), torch.tensor([0.3, 5.0])
    ours, theirs = network(x, c_noise), plain(x, c_noise)
    torch.testing.assert_close(theirs, ours)
    gradients = [torch.autograd.grad(y.square().sum(), x)[0] for y in (ours, theirs)]
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("without", [(), NOT_NEEDED], ids=["all packages", "few packages"])
def test_all_sections_run_on_a_cpu(tmp_path, without):
    arguments = ["--steps", "2", "--batches", "1", "2", "--output", str(tmp_path / "cpu")]
    done = run(tmp_path, *arguments, without=without)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "cpu.json").read_text())
    assert set(found) == {"matching", "machine", "check", "network", "sampling", "ratios", "training"}
    assert found["matching"] == ("scipy" if without else "library")
    assert [(row["precision"], row["holds"]) for row in found["check"]] == [("float32", True), ("bfloat16", True)]
    assert [row["batch"] for row in found["sampling"]] == [1, 2, 2]
    timed = [row[key] for name, key in (("sampling", "s/sample"), ("ratios", "ratio")) for row in found[name]]
    assert timed[-1] is None  # the paper's time is not that of a small network
    assert all(seconds > 0 for seconds in timed[:-1])
    assert all(row["clouds/s"] > 0 for row in found["training"])
    page = (tmp_path / "cpu.md").read_text()
    assert page.strip() == done.stdout.strip()
    assert ("numba is not here" in page) == bool(without)


def test_missing_packages_and_gpus_are_named(tmp_path):
    done = run(tmp_path, without=["scipy", "pandas"])
    assert done.returncode == 1
    assert "lacks:\n  scipy: scipy is not here\n  pandas: pandas is not here" in done.stderr
    if not torch.cuda.is_available():
        (tmp_path / "scipy.py").unlink()
        (tmp_path / "pandas.py").unlink()
        assert "torch finds no GPU; --device cpu --small" in run(tmp_path, "--device", "cuda").stderr


def test_what_there_is_no_time_for_is_said(tmp_path):
    done = run(tmp_path, "--minutes", "0", "--output", str(tmp_path / "cpu"))
    assert done.returncode == 1
    found = json.loads((tmp_path / "cpu.json").read_text())
    assert found["lacks"] == dict.fromkeys(("check", "network", "sampling", "training"), "the time is spent")
    assert "Without training: the time is spent" in done.stdout
