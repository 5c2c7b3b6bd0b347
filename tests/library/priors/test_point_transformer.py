"""The point transformer: the paper's size, its arithmetic, its code of time."""

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from pointprior.priors.attention import sinusoidal_embedding
from pointprior.priors.point_transformer import PointTransformer


def test_paper_size():
    network = PointTransformer(width=512, layers=24, heads=8)
    assert sum(p.numel() for p in network.parameters()) == 77_762_563


def test_flops_are_those_that_torch_counts():
    network = PointTransformer(width=32, layers=2, heads=2)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        network(torch.randn(1, 64, 3), torch.ones(1))
    time_embedding = 2 * 32 * 128 * 2
    assert network.flops(64) == counter.get_total_flops() - time_embedding


def test_embedding_of_time():
    embedded = sinusoidal_embedding(torch.tensor([0.0, 3.0]), 8)
    torch.testing.assert_close(embedded[0], torch.tensor([1.0, 1, 1, 1, 0, 0, 0, 0]))
    torch.testing.assert_close(embedded[1, 0], torch.tensor(3.0).cos())
    torch.testing.assert_close(embedded[1, 5], torch.tensor(0.3).sin())


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match="multiple of twice"):
        PointTransformer(width=30, layers=1, heads=4)
