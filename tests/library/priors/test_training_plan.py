"""Plans: the paper's numbers, stages, learning rates and the averaging of weights."""

import pytest
from tiny_training import plan

from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan


def test_defaults_are_the_papers():
    paper = TrainingPlan()
    assert [(stage.steps, stage.batch, stage.noise_mean, stage.noise_std, stage.t_max) for stage in paper.stages] == [
        (77_000, 160, -2.8, 0.9, 1.0),
        (8_600, 160, -1.2, 1.2, 80.0),
    ]
    assert (paper.learning_rate, paper.final_learning_rate, paper.ema_half_life) == (1e-4, 8e-5, 500_000)


def test_learning_rate_and_stages():
    p = plan(steps=12)
    assert [p.learning_rate_at(step) for step in (0, 1)] == [5e-4, 1e-3]
    assert p.learning_rate_at(12) == pytest.approx(1e-5)
    assert [p.stage_at(step).points for step in (0, 7, 8, 11)] == [16, 16, 32, 32]
    assert p.steps == 12


def test_clouds_seen_are_the_sum_of_the_batches():
    p = plan(steps=12)
    assert [p.clouds_seen(steps) for steps in range(13)] == [
        sum(p.stage_at(step).batch for step in range(steps)) for steps in range(13)
    ]
    assert p.clouds_seen(12) == 8 * 4 + 4 * 2


def test_average_halves_per_half_life_which_is_ramped_up():
    ramped = plan(ema_ramp=0.5)
    assert ramped.ema_decay_at(0) == pytest.approx(0.25)  # four clouds seen, a half-life of two
    assert ramped.ema_decay_at(7) == pytest.approx(0.5 ** (4 / 16))
    assert plan(ema_half_life=2.0, ema_ramp=1.0).ema_decay_at(9) == pytest.approx(0.5)  # batches of two


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plan(warmup=-1), "warmup must be at least 0, not -1"),
        (lambda: plan(clip=0.0), "clip must be at least 1e-06"),
        (lambda: TrainingPlan(stages=()), "stages must be of a length of at least 1"),
        (lambda: Stage(steps=1, batch=0, noise_mean=0.0, noise_std=1.0, t_max=1.0), "batch must be at least 1"),
        (lambda: TrainingExecution(gpus=0), "gpus must be at least 1"),
    ],
)
def test_impossible_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
