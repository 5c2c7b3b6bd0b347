"""The point transformer and its preconditioning."""

import pytest
import torch

from pointprior.network import PointTransformer, sinusoidal_embedding
from pointprior.prior import Prior, PriorError, PriorSpec
from pointprior.samplers import as_evaluated

SMALL = PriorSpec(width=32, layers=2, heads=2, sigma_data=0.4, time_code="log")


def small_prior(seed=0, spec=SMALL):
    torch.manual_seed(seed)
    prior = Prior(spec)
    torch.nn.init.normal_(prior.network.project.weight, std=0.1)
    return prior.eval().requires_grad_(False)


def test_paper_size():
    network = PointTransformer(width=512, layers=24, heads=8)
    assert sum(p.numel() for p in network.parameters()) == 77_762_563


def test_network_follows_permutations():
    prior = small_prior()
    x = torch.randn(2, 20, 3, generator=torch.Generator().manual_seed(0))
    order = torch.randperm(20, generator=torch.Generator().manual_seed(1))
    t = torch.tensor([0.1, 2.0])
    torch.testing.assert_close(prior(x[:, order], t), prior(x, t)[:, order])


def test_clouds_of_a_batch_do_not_mix():
    prior = small_prior()
    x = torch.randn(3, 20, 3, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.1, 0.5, 2.0])
    torch.testing.assert_close(prior(x, t)[1:2], prior(x[1:2], t[1:2]))


def test_bfloat16_gives_float32s_values_and_gradients():
    prior = small_prior()
    x = torch.randn(2, 50, 3, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.1, 2.0])

    def evaluated(precision):
        at = x.clone().requires_grad_()
        denoised = as_evaluated(prior, precision, "cpu")(at, t)
        return denoised.detach(), torch.autograd.grad(denoised.square().sum(), at)[0]

    for coarse, fine in zip(evaluated("bfloat16"), evaluated("float32"), strict=True):
        assert 0 < (coarse - fine).norm() / fine.norm() < 0.01


def test_embedding_of_time():
    embedded = sinusoidal_embedding(torch.tensor([0.0, 3.0]), 8)
    torch.testing.assert_close(embedded[0], torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0]))
    torch.testing.assert_close(embedded[1, 0], torch.tensor(3.0).cos())
    torch.testing.assert_close(embedded[1, 5], torch.tensor(0.3).sin())


@pytest.mark.parametrize("time_code", ["log", "linear"])
def test_untrained_denoiser_shrinks_by_c_skip(time_code):
    prior = Prior(PriorSpec(width=32, layers=1, heads=1, sigma_data=0.5, time_code=time_code))
    x = torch.ones(1, 4, 3)
    torch.testing.assert_close(prior(x, torch.tensor([0.5])), x / 2)
    torch.testing.assert_close(prior(x, torch.tensor([1e-4])), x, atol=1e-3, rtol=0.0)


def test_untrained_loss_on_gaussian_data_is_one():
    prior = Prior(SMALL)
    generator = torch.Generator().manual_seed(0)
    clean = 0.4 * torch.randn(64, 200, 3, generator=generator)
    t = torch.logspace(-2, 1, 64)
    loss = prior.loss(clean, t, torch.randn(clean.shape, generator=generator))
    assert loss.mean().item() == pytest.approx(1, abs=0.02)


def test_time_codes_are_the_papers():
    t = torch.tensor([0.2, 40.0])
    linear = Prior(PriorSpec(width=32, layers=1, heads=1, time_code="linear", time_scale=80.0))
    torch.testing.assert_close(linear.c_noise(t), 1000 * t / 80)
    torch.testing.assert_close(small_prior().c_noise(t), t.log() / 4)


def test_prior_round_trip(tmp_path):
    prior = small_prior()
    prior.save(tmp_path, {"licence": "MIT"})
    loaded = Prior.load(tmp_path)
    assert loaded.spec == SMALL
    for name, value in prior.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value.half().float(), rtol=0.0, atol=0.0)
    assert not any(p.requires_grad for p in loaded.parameters())


def test_damaged_priors_are_named(tmp_path):
    with pytest.raises(PriorError, match=r"no weights\.safetensors"):
        Prior.load(tmp_path)
    small_prior().save(tmp_path, {})
    weights = tmp_path / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(PriorError, match=r"sha256 is .* but card\.json says"):
        Prior.load(tmp_path)
    small_prior().save(tmp_path, {})
    card = tmp_path / "card.json"
    card.write_text(card.read_text().replace('"layers": 2', '"layers": 1'))
    with pytest.raises(PriorError, match="do not fit the network"):
        Prior.load(tmp_path)


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="multiple of twice"):
        PointTransformer(width=30, layers=1, heads=4)
    with pytest.raises(ValueError, match="choose one of log, linear"):
        Prior(PriorSpec(width=32, layers=1, heads=1, time_code="sqrt"))
