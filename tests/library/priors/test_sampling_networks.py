"""The networks as samplers run them on a CPU: the same function with the same gradient."""

import pytest
import torch
from small_networks import SPEC, clouds, trained_like

from pointprior.priors.spec import NetworkSpec

SPECS = [
    NetworkSpec(width=32, layers=2, heads=2, time_code="log"),
    SPEC,
]
each_kind = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)


def with_gradient(denoiser, x, t):
    x = x.clone().requires_grad_()
    denoised = denoiser(x, t)
    return denoised.detach(), torch.autograd.grad((denoised * torch.arange(1.0, 4.0)).square().sum(), x)[0]


T = torch.tensor([0.1, 2.0])


@each_kind
@pytest.mark.parametrize("points", [1, 2, 4, 30])
def test_values_and_gradients_are_the_networks(spec, points):
    denoiser = trained_like(spec)
    fast = denoiser.for_sampling(torch.float32)
    expected = with_gradient(denoiser, clouds(points=points), T)
    for found, wanted in zip(with_gradient(fast, clouds(points=points), T), expected, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-5)


@each_kind
def test_products_in_bfloat16_are_within_its_rounding(spec):
    """As far from float32 as PyTorch's own mixed precision is, within a factor of two."""
    denoiser = trained_like(spec)
    exact = with_gradient(denoiser, clouds(points=200), T)
    fast = with_gradient(denoiser.for_sampling(torch.bfloat16), clouds(points=200), T)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = with_gradient(denoiser, clouds(points=200), T)
    for value, reference, wanted in zip(fast, mixed, exact, strict=True):
        assert 0 < (value - wanted).norm() < 2 * (reference - wanted).norm()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_cloud_does_not_depend_on_its_batch(dtype):
    """To the last bit; to the transformer, samplers give one cloud at a time."""
    fast = trained_like(SPECS[1]).for_sampling(dtype)
    together = with_gradient(fast, clouds(), T)
    for found, alone in zip(together, with_gradient(fast, clouds()[1:], T[1:]), strict=True):
        assert torch.equal(found[1:], alone)


@each_kind
def test_permutations_of_points_permute_the_answer(spec):
    fast = trained_like(spec).for_sampling(torch.float32)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(2))
    for found, wanted in zip(with_gradient(fast, clouds()[:, order], T), with_gradient(fast, clouds(), T), strict=True):
        torch.testing.assert_close(found, wanted[:, order], rtol=1e-4, atol=1e-5)


@each_kind
def test_the_denoiser_itself_stays_as_it_is(spec):
    denoiser = trained_like(spec)
    before = {name: value.clone() for name, value in denoiser.state_dict().items()}
    denoiser.for_sampling(torch.bfloat16)(clouds(), T)
    for name, value in denoiser.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, before[name])
