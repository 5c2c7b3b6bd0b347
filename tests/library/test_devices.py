"""Which device and which precision a name stands for."""

import pytest
import torch

from pointprior.runtime.devices import choose_precision


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
