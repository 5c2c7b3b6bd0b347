"""The denoiser: preconditioning, symmetries, its folder."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pointprior.priors.card import PriorError, read_card
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction.execution import Execution, prepared

SMALL = NetworkSpec(width=32, layers=2, heads=2, sigma_data=0.4, time_code="log")
LOCAL = replace(SMALL, kind="neighbours", neighbours=6, message_width=16, latents=8)
SHAPES = NetworkSpec(
    kind="neighbours",
    width=128,
    layers=4,
    heads=4,
    sigma_data=0.4,
    time_code="log",
    neighbours=12,
    message_width=32,
)
each_kind = pytest.mark.parametrize("spec", [SMALL, LOCAL], ids=["transformer", "neighbours"])


def small_denoiser(seed=0, spec=SMALL):
    torch.manual_seed(seed)
    denoiser = Denoiser(spec)
    for parameter in denoiser.parameters():
        if not parameter.any():  # gates and the last layer start at zero, which would hide what is before them
            torch.nn.init.normal_(parameter, std=0.1)
    return denoiser.eval().requires_grad_(False)


@each_kind
def test_network_follows_permutations(spec):
    denoiser = small_denoiser(spec=spec)
    x = torch.randn(2, 20, 3, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    t = torch.tensor([0.1, 2.0])
    torch.testing.assert_close(denoiser(x[:, order], t), denoiser(x, t)[:, order])


@each_kind
def test_clouds_of_a_batch_do_not_mix(spec):
    denoiser = small_denoiser(spec=spec)
    x = torch.randn(3, 20, 3, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.1, 0.5, 2.0])
    torch.testing.assert_close(denoiser(x, t)[1:2], denoiser(x[1:2], t[1:2]))


@each_kind
def test_bfloat16_gives_float32s_values_and_gradients(spec):
    denoiser = small_denoiser(spec=spec)
    x = torch.randn(2, 50, 3, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.1, 2.0])

    def evaluated(precision):
        at = x.clone().requires_grad_()
        denoised = prepared(denoiser, Execution(precision=precision))(at, t)
        return denoised.detach(), torch.autograd.grad(denoised.square().sum(), at)[0]

    for coarse, fine in zip(evaluated("bfloat16"), evaluated("float32"), strict=True):
        assert 0 < (coarse - fine).norm() / fine.norm() < 0.01


@pytest.mark.parametrize("time_code", ["log", "linear"])
def test_untrained_denoiser_shrinks_by_c_skip(time_code):
    denoiser = Denoiser(NetworkSpec(width=32, layers=1, heads=1, sigma_data=0.5, time_code=time_code))
    x = torch.ones(1, 4, 3)
    torch.testing.assert_close(denoiser(x, torch.tensor([0.5])), x / 2)
    torch.testing.assert_close(denoiser(x, torch.tensor([1e-4])), x, atol=1e-3, rtol=0.0)


@each_kind
def test_untrained_loss_on_gaussian_data_is_one(spec):
    denoiser = Denoiser(spec)
    generator = torch.Generator().manual_seed(0)
    clean = 0.4 * torch.randn(64, 200, 3, generator=generator)
    t = torch.logspace(-2, 1, 64)
    loss = denoiser.loss(clean, t, torch.randn(clean.shape, generator=generator))
    assert loss.mean().item() == pytest.approx(1, abs=0.02)


def test_time_codes_are_the_papers():
    t = torch.tensor([0.2, 40.0])
    linear = Denoiser(NetworkSpec(width=32, layers=1, heads=1, time_code="linear", time_scale=80.0))
    torch.testing.assert_close(linear.c_noise(t), 1000 * t / 80)
    torch.testing.assert_close(small_denoiser().c_noise(t), t.log() / 4)


@each_kind
def test_round_trip(spec, tmp_path):
    denoiser = small_denoiser(spec=spec)
    denoiser.save(tmp_path, {"licence": "MIT"})
    loaded = Denoiser.load(tmp_path)
    assert loaded.spec == spec
    for name, value in denoiser.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value.half().float(), rtol=0.0, atol=0.0)
    assert not any(p.requires_grad for p in loaded.parameters())


def test_damaged_priors_are_named(tmp_path):
    with pytest.raises(PriorError, match=r"no weights\.safetensors"):
        Denoiser.load(tmp_path)
    small_denoiser().save(tmp_path, {})
    weights = tmp_path / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(PriorError, match=r"sha256 is .* but card\.json says"):
        Denoiser.load(tmp_path)
    small_denoiser().save(tmp_path, {})
    card = tmp_path / "card.json"
    card.write_text(card.read_text().replace('"layers": 2', '"layers": 1'))
    with pytest.raises(PriorError, match="do not fit the network"):
        Denoiser.load(tmp_path)
    for network in ('{"breadth": 3}', "7", '{"width": 33}'):
        card.write_text(re.sub(r'"network": \{.*?\}', f'"network": {network}', card.read_text(), flags=re.DOTALL))
        with pytest.raises(PriorError, match=r"card\.json: describes no network that is known here"):
            Denoiser.load(tmp_path)
        small_denoiser().save(tmp_path, {})
    weights.write_bytes(b"no weights")
    sha256 = hashlib.sha256(b"no weights").hexdigest()
    card.write_text(re.sub(r'"sha256": "\w+"', f'"sha256": "{sha256}"', card.read_text()))
    with pytest.raises(PriorError, match="do not fit the network"):
        Denoiser.load(tmp_path)


def test_a_transformers_description_is_as_it_was_when_there_was_no_other_kind():
    assert set(SMALL.described()) == {"width", "layers", "heads", "sigma_data", "time_code", "time_scale"}
    assert NetworkSpec(**SMALL.described()) == SMALL
    assert NetworkSpec(**LOCAL.described()) == LOCAL


def test_heads_must_divide_the_width():
    with pytest.raises(ValueError, match="multiple of twice"):
        NetworkSpec(width=30, layers=1, heads=4)


RELEASED = {
    "cryostruct-small": NetworkSpec(width=192, layers=6, heads=3, sigma_data=0.38, time_code="log"),
    "cryostruct-neighbours": replace(SHAPES, sigma_data=0.38, neighbours=16, message_width=64),
    "standin-chair": SHAPES,
    "standin-mixed": SHAPES,
}


@pytest.mark.parametrize("name", RELEASED)
def test_released_priors_load(name):
    folder = Path(__file__).parents[3] / "resources/priors" / name
    denoiser = Denoiser.load(folder)
    assert denoiser.spec == RELEASED[name]
    assert sum(p.numel() for p in denoiser.parameters()) == read_card(folder)["parameters"]
    assert (folder / "weights.safetensors").stat().st_size < 8 * 2**20
