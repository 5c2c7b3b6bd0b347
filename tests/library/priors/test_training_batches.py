"""Batches: families count alike, noise levels follow their distribution, a step has draws of its own."""

from dataclasses import replace

import numpy as np
import torch
from tiny_training import EARLY, ellipsoids, plan

from pointprior.priors.training.batches import draw_batch, draw_clouds, draw_noise_levels
from pointprior.runtime.seeding import numpy_generator


def test_families_count_alike():
    groups = ellipsoids()[1]
    marked = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None, None] + 1, (6, 32, 3)).copy()
    batch = draw_clouds(marked, groups, replace(EARLY, batch=3000), "SO3", numpy_generator(0))
    member = (batch.norm(dim=-1)[:, 0] / 3**0.5).round().int() - 1
    share = torch.bincount(member, minlength=6) / 3000
    assert abs(share[:3].sum().item() - 1 / 3) < 0.03
    assert abs(share[5].item() - 1 / 3) < 0.03


def test_clouds_are_thinned_but_never_padded():
    clouds, groups = ellipsoids()
    sizes = [len(draw_clouds(clouds, groups, replace(EARLY, points=points), "SO3", numpy_generator(0))[0])
             for points in (16, 64)]  # fmt: skip
    assert sizes == [16, 32]


def test_noise_levels_follow_their_distribution():
    t = draw_noise_levels(EARLY, 20000, torch.Generator().manual_seed(0))
    assert abs(t.log().mean().item() + 1.2) < 0.03
    assert abs(t.log().std().item() / 1.2 - 1) < 0.03
    wide = replace(EARLY, noise_mean=0.0, noise_std=2.0, t_max=1.0)
    assert draw_noise_levels(wide, 1000, torch.Generator().manual_seed(0)).max() == 1


def test_a_batch_belongs_to_its_seed_and_step():
    def clean(seed, step):
        return draw_batch(*ellipsoids(), plan(), seed=seed, step=step).clean

    assert torch.equal(clean(0, 3), clean(0, 3))
    assert not torch.equal(clean(0, 3), clean(0, 4))
    assert not torch.equal(clean(0, 3), clean(1, 3))


def test_only_a_clouds_own_points_are_drawn():
    clouds, groups = ellipsoids()
    counts = np.array([32, 20, 24, 32, 18, 32])
    padded = clouds.copy()
    for cloud, count in zip(padded, counts, strict=True):
        cloud[count:] = np.nan
    for points, most in ((16, 16), (64, 18)):
        stage = replace(EARLY, batch=200, points=points)
        batch = draw_clouds(padded, groups, stage, "SO3", numpy_generator(0), counts=counts)
        assert batch.shape == (200, most, 3)
        assert batch.isfinite().all()


def test_equal_counts_draw_as_no_counts_do():
    clouds, groups = ellipsoids()
    stages = [draw_clouds(clouds, groups, EARLY, "SO3", numpy_generator(0), counts=counts)
              for counts in (None, np.full(6, 32))]  # fmt: skip
    assert torch.equal(*stages)
