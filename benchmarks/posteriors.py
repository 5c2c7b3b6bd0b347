"""How far each sampler is from the posterior, where that is known: `known_posteriors.py` has the problems.

    python benchmarks/posteriors.py --samples 1000

Denoisers are exact, so what is found is the sampler's own error. Samplers that need a standard deviation of the prior's
clouds are told the root mean square of the three axes. DPS has no number that stands for σ: it is given several α.
"""

import argparse
from collections.abc import Callable

import numpy as np
import torch
from known_posteriors import Known, one_point, three_points

from pointprior.reconstruction import dps
from pointprior.reconstruction.daps import sample_daps
from pointprior.reconstruction.gg_langevin import sample_gg_langevin
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.moments import Adam
from pointprior.reconstruction.plug_and_play import sample_plug_and_play
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings import daps, gg_langevin, plug_and_play

PROBLEMS = {
    "one point": one_point(),
    "one point, prior 0.6, 0.3, 0.15": one_point((0.6, 0.3, 0.15)),
    "three points, unnamed": three_points(),
}
SETTLED = 0.05  # share of the samples from which on a mode has a mean and a width


def by_dps(alpha: float, clip: float | None = 5.0, adam: Adam | None = None, **schedule) -> Callable:
    return lambda known, **given: dps.sample(
        known.denoise, known.energy, Schedule(**schedule), Guidance(alpha, clip, adam), **given
    )


def by(sampler: Callable, module, **settings) -> Callable:
    """One of the samplers that are told σ."""
    return lambda known, **given: sampler(
        known.denoise,
        known.energy,
        module.Settings(**{"initial": None} | settings | {"sigma": known.sigma}),
        sigma_data=float(np.square(known.deviations).mean() ** 0.5),
        **given,
    )


SAMPLERS = {
    **{f"`dps`, α = {alpha:g}": by_dps(alpha) for alpha in (3, 10, 30)},
    "`dps`, α = 10, Heun": by_dps(10, integrator="heun"),
    "`dps_adam`, α = 10": by_dps(10, adam=Adam(0.5, 0.9)),
    "`pnp`, from noise": by(sample_plug_and_play, plug_and_play, steps=40, t_max=1.0),
    **{
        f"`daps`, flow of {flow}, Langevin {steps} × {step:g}": by(
            sample_daps, daps, flow_steps=flow, langevin_steps=steps, langevin_step=step
        )
        for flow, steps, step in [(1, 4, 0.3), (1, 4, 2), (1, 16, 0.3), (4, 4, 2)]
    },
    **{
        f"`gg_langevin`, {steps} steps, t = {t:g} to 0.02": by(
            sample_gg_langevin, gg_langevin, steps=steps, t_max=t, t_min=0.02, rho=1.0
        )
        for steps, t in [(80, 0.2), (200, 0.2), (200, 0.05)]
    },
}


def compared(known: Known, found: np.ndarray, exact: np.ndarray) -> tuple[float, float, float]:
    """Bias and width within the modes, in posterior standard deviations, and the distance of the modes' weights.

    Bias and width are root mean squares over coordinates and over the modes that both have; the distance is that of
    total variation.
    """
    found = known.named(found)
    place, place_exact = known.modes(found), known.modes(exact)
    deviations, apart = np.sqrt(np.diag(known.covariance)), 0.0
    bias, width, weights = [], [], []
    for mode in np.union1d(place, place_exact):
        here, there = found[place == mode], exact[place_exact == mode]
        apart += abs(len(here) / len(found) - len(there) / len(exact)) / 2
        if min(len(here) / len(found), len(there) / len(exact)) > SETTLED:
            weights.append(len(here))
            bias.append(np.square((here.mean(axis=0) - there.mean(axis=0)) / deviations).mean())
            width.append((here.var(axis=0) / there.var(axis=0)).mean())
    return np.average(bias, weights=weights) ** 0.5, np.average(width, weights=weights) ** 0.5, apart


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--samplers", default="", help="only those whose name has this in it")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print(f"| sampler | {' | '.join(f'{name}: bias, width, modes' for name in PROBLEMS)} |\n{'|---' * 4}|")
    exact = {name: known.exact(20_000) for name, known in PROBLEMS.items()}
    drawn = {"exact draws": lambda known, samples, **_: known.exact(samples, seed=1)}
    for name, sampler in (drawn | SAMPLERS).items():
        if arguments.samplers not in name:
            continue
        cells = []
        for problem, known in PROBLEMS.items():
            found = sampler(known, key=(0, problem), samples=arguments.samples, points=known.points)
            points = getattr(found, "points", found)
            cells.append("{:.2f}, {:.2f}, {:.2f}".format(*compared(known, points.astype(float), exact[problem])))
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
