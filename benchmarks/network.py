"""Seconds of the networks on a CPU: torch's own operations against what samplers and training run, in the same run.

Plain is the network in torch's operations, in float32 and in its mixed precision; fast is what `prepared` makes of it,
and in training the compiled messages. All take turns; printed are minima of CPU milliseconds and of wall-clock
milliseconds, which on a machine that others share are the least spoiled.

    python benchmarks/network.py --repeat 40
    python benchmarks/network.py --dps 40 --repeat 10
    python benchmarks/network.py --rounding
"""

import argparse
import itertools
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements import energy as energies
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.priors import messages
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.evaluation import denoising_error
from pointprior.priors.training.batches import draw_batch
from pointprior.priors.training.checkpoints import TrainingState
from pointprior.priors.training.loop import Loss, take_step
from pointprior.priors.training.plan import Stage, TrainingPlan
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import prepared
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.execution import Execution

PRECISIONS = ("float32", "bfloat16")
HEADERS = (  # of times, and of errors
    "| network | what | plain, float32 | plain, bfloat16 | fast, float32 | fast, bfloat16 | ratios | |\n"
    "|---|---|---|---|---|---|---|---|",
    "| network | t = 0.02 | 0.05 | 0.1 | 0.2 | 0.5 | 1 |\n|---|---|---|---|---|---|---|",
)


@contextmanager
def plainly(plain):
    """Without compiled loops, if so."""
    compiled = messages.is_compiled
    messages.is_compiled = (lambda x: False) if plain else compiled
    try:
        yield
    finally:
        messages.is_compiled = compiled


def without_copy(denoiser):
    """The denoiser as a plain function, of which `prepared` makes no copy for sampling."""
    return lambda x, t: denoiser(x, t)


def evaluations(denoiser, points):
    """Forward pass and gradient by the cloud, by name."""
    x = 0.4 * torch.randn(1, points, 3, generator=torch.Generator().manual_seed(0))
    t = torch.tensor([0.1])

    def evaluation(plain, precision):
        denoise = prepared(without_copy(denoiser) if plain else denoiser, Execution(precision=precision))

        def run():
            at = x.clone().requires_grad_()
            with plainly(plain):
                torch.autograd.grad(denoise(at, t).square().sum(), at)

        return run

    return {(plain, precision): evaluation(plain, precision) for plain in (True, False) for precision in PRECISIONS}


def training_steps(denoiser, points, batch=4):
    """An optimiser step on a batch, by name."""
    clouds = 0.4 * np.random.default_rng(0).normal(size=(32, points, 3)).astype(np.float32)
    stage = Stage(steps=10**6, batch=batch, points=points, noise_mean=-2.0, noise_std=1.0, t_max=1.0)

    def step(plain, precision):
        plan = TrainingPlan((stage,), precision=precision)
        state = TrainingState.start(denoiser.spec, seed=0)
        model, counter = Loss(state.model), itertools.count()

        def run():
            number = next(counter)
            drawn = draw_batch(clouds, np.arange(len(clouds)), plan, seed=0, step=number)
            with plainly(plain):
                take_step(model, state.optimiser, plan, number, drawn)
            state.update_average(plan.ema_decay_at(number))

        return run

    return {(plain, precision): step(plain, precision) for plain in (True, False) for precision in PRECISIONS}


def trajectories(denoiser, cloud, points, steps):
    """A sample of DPS on three projections, by name; seconds of matching are summed in `matching`."""
    observations = synthesise(cloud, key=("benchmark",), projections=3, points=points)
    matching = {}

    def trajectory(plain, precision):
        denoise = without_copy(denoiser) if plain else denoiser
        match_all = energies.match_all

        def timed(*arguments, **named):
            began = time.thread_time()
            found = match_all(*arguments, **named)
            matching[plain, precision] = matching.get((plain, precision), 0.0) + time.thread_time() - began
            return found

        def run():
            energies.match_all, matching[plain, precision] = timed, 0.0
            try:
                with plainly(plain):
                    settings = {"key": ("benchmark", "dps"), "samples": 1, "points": points}
                    schedule, execution = Schedule(steps), Execution(precision=precision)
                    sample(denoise, Energy(observations), schedule, Guidance(40e3), execution, **settings)
            finally:
                energies.match_all = match_all

        return run

    return {(p, name): trajectory(p, name) for p in (True, False) for name in PRECISIONS}, matching


def in_turns(runs, repeat):
    """Least CPU and wall-clock milliseconds of every run."""
    least = dict.fromkeys(runs, (np.inf, np.inf))
    for turn in range(repeat + 1):
        for name, run in runs.items():
            wall, cpu = time.perf_counter(), time.process_time()
            run()
            taken = (1e3 * (time.process_time() - cpu), 1e3 * (time.perf_counter() - wall))
            if turn or repeat == 0:  # the first compiles
                least[name] = tuple(map(min, least[name], taken))
    return least


def row(name, what, least):
    """CPU (wall-clock) milliseconds, and how many times as long today's default and plain mixed precision take."""
    cells = [f"{least[key][0]:,.0f} ({least[key][1]:,.0f})" for key in least]
    fast = least[False, "bfloat16"][0]
    ratios = [f"{least[True, precision][0] / fast:.2f}×" for precision in PRECISIONS]
    return f"| `{name}` | {what} | {' | '.join(cells + ratios)} |"


def of_network(name, denoiser, arguments):
    """Print the rows of one evaluation and of one training step."""
    least = in_turns(evaluations(denoiser, arguments.points), arguments.repeat)
    print(row(name, "evaluation with gradient", least), flush=True)
    least = in_turns(training_steps(denoiser, arguments.points), max(1, arguments.repeat // 4))
    print(row(name, "training step, 4 clouds", least), flush=True)


def of_trajectories(name, denoiser, arguments):
    """Print the row of whole samples, and matching's share of the fast one."""
    cloud = PointCloud.load(arguments.cloud)
    runs, matching = trajectories(denoiser, cloud, arguments.points, arguments.dps)
    least = in_turns(runs, arguments.repeat)
    print(row(name, f"DPS, {arguments.dps} steps", least), flush=True)
    share = 1e3 * matching[False, "bfloat16"] / least[False, "bfloat16"][0]
    print(f"matching, of the last turn of fast, bfloat16: {share:.0%} of the least", flush=True)


def rounding(name, denoiser, arguments):
    """Print denoising errors (see `denoising_error`) with products in both precisions."""
    clouds = np.stack([PointCloud.load(path).points for path in sorted(arguments.cloud.parent.glob("*.npz"))])
    for precision in PRECISIONS:
        fast = denoiser.for_sampling(getattr(torch, precision))
        errors = denoising_error(fast, clouds, levels=(0.02, 0.05, 0.1, 0.2, 0.5, 1.0), batch=1)
        cells = " | ".join(f"{error:.4f}" for error in errors.values())
        print(f"| `{name}`, {precision} | {cells} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path("resources/clouds/1aoi.npz"))
    parser.add_argument("--folder", type=Path, default=Path("resources/priors"))
    parser.add_argument("--priors", nargs="+", default=["cryostruct-neighbours", "cryostruct-small"])
    parser.add_argument("--points", type=int, default=1024)
    parser.add_argument("--dps", type=int, metavar="STEPS", help="time whole samples of so many steps instead")
    parser.add_argument("--repeat", type=int, default=20, help="turns; 0: one without a warm-up")
    parser.add_argument("--rounding", action="store_true", help="print errors in both precisions instead of times")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    report = rounding if arguments.rounding else of_trajectories if arguments.dps else of_network
    print(HEADERS[report is rounding])
    for name in arguments.priors:
        report(name, Denoiser.load(arguments.folder / name), arguments)


if __name__ == "__main__":
    main()
