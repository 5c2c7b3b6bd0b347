"""What jobs ask for: memory and time, which grow with every attempt."""

from collections.abc import Callable

SMALL = (2000, 10)  # MB and minutes of the first attempt, if nothing else is said
# of larger jobs, by rule; those whose size depends on the configuration say it in their rule
LARGER = {
    "coarse_grain_structure": (8000, 120),
    "fit_again": (4000, 30),
    "coarse_grain_shard": (8000, 240),
    "pack_training_clouds": (4000, 30),
    "pack_training_shapes": (8000, 60),
    "refine_prior": (8000, 240),
    "sample_prior": (8000, 120),
    "sample_prior_set": (16000, 480),
    "evaluate_prior": (8000, 240),
    "score_reconstruction": (1500, 20),
    "sweep_alpha": (16000, 240),
    "plot_showcases": (8000, 30),
    "measure_own": (4000, 30),
    "compare_own_readings": (4000, 30),
    "report_own": (4000, 30),
}


def growing(amount: int) -> Callable[..., int]:
    """A resource that the first attempt asks for; the second asks for twice as much, and so on."""
    return lambda wildcards, attempt: amount * attempt


def request(rule: str) -> dict[str, Callable[..., int]]:
    """Memory and time of a rule's jobs."""
    memory, minutes = LARGER.get(rule, SMALL)
    return {"mem_mb": growing(memory), "runtime": growing(minutes)}
