"""Compiled loops against the same in torch's operations, in double precision."""

import pytest
import torch

from pointprior.priors.messages import mean_messages, nearest_neighbours, plain_mean_messages


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def problem(clouds=2, points=23, k=5, width=12):
    """What is sent and received, the matrix of the edges, neighbours and edges."""
    index = nearest_neighbours(drawn(clouds, points, 3), k)
    ends = (drawn(clouds, points, width, seed=1), drawn(clouds, points, width, seed=2))
    return *ends, drawn(width, 16, seed=3), index, drawn(*index.shape, 16, seed=4)


def with_gradients(function, parts, dtype):
    parts = [part.detach().to(dtype).requires_grad_() if part.is_floating_point() else part for part in parts]
    means = function(*parts)
    asked = [part for part in parts if part.requires_grad]
    return means, *torch.autograd.grad(means, asked, drawn(*means.shape, seed=5).to(dtype))


@pytest.mark.parametrize(("points", "k", "width"), [(23, 1, 12), (23, 2, 3), (23, 5, 64), (150, 16, 64), (128, 3, 8)])
def test_mean_messages_and_their_gradients(points, k, width):
    """Of less than a block of points, of whole blocks and of parts of them."""
    given = problem(points=points, k=k, width=width)
    compiled = with_gradients(mean_messages, given, torch.float32)
    plain = with_gradients(plain_mean_messages, given, torch.float64)
    for value, expected in zip(compiled, plain, strict=True):
        torch.testing.assert_close(value.double(), expected, rtol=1e-5, atol=1e-5)


def test_double_precision_is_not_compiled():
    given = problem()
    with torch.no_grad():
        sent, received, weight, index, edges = (p.double() if p.is_floating_point() else p for p in given)
        double = mean_messages(sent, received, weight, index, edges)
    assert torch.equal(double, plain_mean_messages(sent, received, weight, index, edges))


def test_far_messages_do_not_overflow():
    sent, received, weight, index, edges = problem()
    for shift, expected in ((1e4, 1e4), (-1e4, 0.0)):
        means = mean_messages(sent + shift, received, weight, index, torch.zeros_like(edges))
        torch.testing.assert_close(means[:, :, 3], torch.full_like(sent, expected), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("points", "k"), [(2, 1), (7, 3), (300, 16)])
def test_both_searches_find_the_same_neighbours(points, k):
    x = drawn(3, points, 3)
    assert torch.equal(nearest_neighbours(x, k), nearest_neighbours(x.double(), k))


def test_points_that_are_not_finite_have_neighbours_within_the_cloud():
    x = drawn(1, 9, 3)
    x[0, 4] = torch.nan
    index = nearest_neighbours(x, 3)
    assert ((index >= 0) & (index < 9)).all()
