"""Settings that several samplers and baselines share: their meanings and ranges, said once."""

from typing import Any

from pointprior.runtime.settings import LARGEST_TIME, about

TIME_STEPS: dict[str, Any] = {
    "ge": 2,
    "le": 10_000,
    "why": "of a first and a last time step; thousands change nothing but the hours",
}
GRADIENT_STEPS: dict[str, Any] = {
    "ge": 1,
    "le": 100_000,
    "why": "at least one; each costs a matching of all points",
}
FIRST_TIME = about("first time (units of the cube)", **LARGEST_TIME)
LAST_TIME = about(
    "last time above zero",
    ge=1e-5,
    le=1,
    why="standard deviation of the last noise, where points lie about 0.05 apart",
)
CROWDING = about("how much the steps crowd towards t_min", ge=1, le=100, why="1 spaces the steps equally, 7 is EDM's")


def check_descent(t_max: float, t_min: float) -> None:
    """Raise a ValueError unless time runs down from `t_max` to `t_min`."""
    if not t_min < t_max:
        raise ValueError(f"time runs down from t_max to t_min, but t_min {t_min} is no less than {t_max}")
