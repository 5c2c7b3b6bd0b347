"""The network of near neighbours: its symmetries, its gradient, its arithmetic."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from small_networks import SPEC, clouds, trained_like
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pointprior.priors.messages import nearest_neighbours
from pointprior.priors.neighbour_network import edge_features
from pointprior.runtime.rotations import random_rotations


def rotation(group):
    return torch.from_numpy(random_rotations(1, group, np.random.default_rng(3))[0]).float()


def test_neighbours_are_the_nearest_of_the_own_cloud():
    x = clouds(3)
    found = nearest_neighbours(x, 5)
    for s, cloud in enumerate(x.numpy()):
        expected = cKDTree(cloud).query(cloud, k=6)[1][:, 1:]
        np.testing.assert_array_equal(found[s] - 30 * s, expected)


def test_edges_do_not_depend_on_place_and_size_and_turn_with_the_cloud():
    x, turn = clouds().double(), rotation("O3").double()
    index = nearest_neighbours(x, 5)
    edges, unit = edge_features(x, index)
    moved, scaled_unit = edge_features(3 * x @ turn + 0.7, index)
    torch.testing.assert_close(scaled_unit, 3 * unit)
    torch.testing.assert_close(moved[..., :3], edges[..., :3] @ turn)
    torch.testing.assert_close(moved[..., 3:], edges[..., 3:])


def test_without_places_a_translation_only_moves_the_answer():
    denoiser, x = trained_like(), clouds()
    torch.nn.init.zeros_(denoiser.network.embed_point.weight)
    c_noise = torch.tensor([-0.5, 0.1])
    torch.testing.assert_close(denoiser.network(x + 0.7, c_noise), denoiser.network(x, c_noise), atol=1e-5, rtol=1e-4)


def test_gradient_is_that_of_finite_differences():
    denoiser, t = trained_like().double(), torch.tensor([0.3], dtype=torch.float64)
    x = clouds(1, 12).double().requires_grad_()  # well apart: no small step changes who is near
    assert torch.autograd.gradcheck(lambda at: denoiser.network(at, t), (x,), eps=1e-6, atol=1e-6)


@pytest.mark.parametrize("points", [1, 2, 4, 7])
def test_few_points_and_points_that_coincide(points):
    denoiser, t = trained_like(), torch.tensor([0.3])
    for x in (clouds(1, points), torch.zeros(1, points, 3)):
        x.requires_grad_()
        denoised = denoiser(x, t)
        (gradient,) = torch.autograd.grad(denoised.sum(), x)
        assert denoised.shape == x.shape
        assert denoised.isfinite().all()
        assert gradient.isfinite().all()


def test_latents_carry_what_happens_far_away():
    denoiser, x, t = trained_like(), clouds(1), torch.tensor([0.3])
    x = torch.cat([x, x + 100], dim=1)
    moved = x.clone()
    moved[:, 30:] += 0.5 * clouds(1)
    assert (denoiser(moved, t) - denoiser(x, t))[:, :30].abs().max() > 1e-5


def test_flops_are_those_that_torch_counts():
    network = trained_like().double().network  # not compiled: torch counts its own operations only
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        network(clouds(1).double(), torch.ones(1).double())
    of_condition = 2 * (17 * 16 + 16 * 16) + 2 * 6 * 2 * 16 * 48
    assert network.flops(30) == counter.get_total_flops() - of_condition


def test_recomputing_changes_no_gradient():
    denoiser, x, t = trained_like(), clouds().requires_grad_(), torch.tensor([0.1, 2.0])

    def gradient():
        return torch.autograd.grad(denoiser(x, t).square().sum(), x)[0]

    kept = gradient()
    denoiser.network.recompute = True
    torch.testing.assert_close(gradient(), kept)


def test_gradient_is_the_same_again_whatever_the_threads():
    denoiser, x, t = trained_like(replace(SPEC, neighbours=16)), clouds(1, 1024), torch.full((1,), 0.05)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        for evaluated in (denoiser, denoiser.for_sampling(torch.float32)):
            at = [x.clone().requires_grad_() for _ in range(5)]
            first, *others = [torch.autograd.grad(evaluated(one, t).square().sum(), one)[0] for one in at]
            assert all(torch.equal(gradient, first) for gradient in others)
    finally:
        torch.set_num_threads(before)
