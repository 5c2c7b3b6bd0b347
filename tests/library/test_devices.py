"""Which device and which precision a name stands for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pointprior.runtime.devices import DeviceError, choose_device, choose_precision, respect_thread_limit


@pytest.mark.parametrize(
    ("name", "gpus", "device"),
    [
        ("auto", 0, "cpu"),
        ("auto", 1, "cuda"),
        ("cpu", 2, "cpu"),
        ("cuda", 1, "cuda"),
        ("cuda:1", 2, "cuda:1"),
        ("cuda", 0, "torch finds no GPU; say auto or cpu"),
        ("cuda:2", 2, "torch finds 2 GPUs, counted from cuda:0"),
        ("foo", 1, "there is no device 'foo'; say auto, cpu, cuda"),
        ("", 0, "there is no device ''"),
    ],
)
def test_a_device_is_one_that_there_is(monkeypatch, name, gpus, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    if " " not in device:
        assert choose_device(name) == device
        return
    with pytest.raises(DeviceError, match=device):
        choose_device(name)


@pytest.mark.parametrize(
    ("amx", "avx512", "precision"),
    [(False, False, "float32"), (False, True, "bfloat16"), (True, False, "bfloat16"), (True, True, "bfloat16")],
)
def test_automatic_precision_is_what_the_processor_has_instructions_for(monkeypatch, amx, avx512, precision):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx512)
    assert choose_precision("auto", "cpu") == precision


@pytest.mark.parametrize("name", ["float32", "bfloat16"])
def test_a_precision_that_is_named_is_taken(monkeypatch, name):
    for flag in ("_is_amx_tile_supported", "_is_avx512_bf16_supported"):
        monkeypatch.setattr(torch.cpu, flag, lambda: name == "float32")
    assert choose_precision(name, "cpu") == name


@pytest.fixture
def three_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize(("limit", "threads"), [(None, 3), ("", 3), ("2", 2), ("8", 3), ("none", 3), ("0", 3)])
def test_threads_stay_within_openmps_limit(monkeypatch, limit, threads):
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    if limit is not None:
        monkeypatch.setenv("OMP_THREAD_LIMIT", limit)
    respect_thread_limit()
    assert torch.get_num_threads() == threads


SAMPLED = """
import sys
import torch
sys.path.insert(0, sys.argv[1])
from small_networks import clouds, trained_like
from pointprior.reconstruction.execution import Execution, prepared
torch.set_num_threads(int(sys.argv[2]))
denoise = prepared(trained_like(), Execution(precision="bfloat16"))
with torch.no_grad():
    for _ in range(20):
        print(denoise(clouds(2, 500), torch.tensor([0.1, 2.0])).double().sum().item())
"""


def sums(threads: int, **environment: str) -> list[str]:
    """Sums of clouds that a process of its own denoises in bfloat16, again and again."""
    tests = Path(__file__).parents[1]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("OMP_")}
    source = {"PYTHONPATH": str(tests.parent / "src")}
    command = [sys.executable, "-c", SAMPLED, str(tests), str(threads)]
    done = subprocess.run(command, env=inherited | source | environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_products_are_whole_where_openmp_has_fewer_threads_than_are_asked_for():
    assert sums(8, OMP_THREAD_LIMIT="1") == sums(1)
