"""Seconds per sample, split into network, matching and the rest; against the straightforward implementation.

Both runs use the same network and the same numbers of evaluations. The straightforward one solves its
matchings with scipy on repeated targets, one after the other. The paper prints about 72 s a sample for six
projections, 40 steps and a batch of ten on an A100 node.

    python benchmarks/sampling.py --samples 2 --steps 10
    python benchmarks/sampling.py --full --device cuda --precision bfloat16 --compile
"""

import argparse
import os
import time
from pathlib import Path

import torch
from straightforward import scipy_on_copies

from pointprior.clouds import PointCloud
from pointprior.measurements import energy as energies
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule


class Stopwatch:
    """Wall-clock time spent in wrapped calls."""

    def __init__(self, device):
        self.device = device
        self.seconds = 0.0

    def wrap(self, function):
        def timed(*arguments, **named):
            if self.device == "cuda":
                torch.cuda.synchronize()
            began = time.perf_counter()
            result = function(*arguments, **named)
            if self.device == "cuda":
                torch.cuda.synchronize()
            self.seconds += time.perf_counter() - began
            return result

        return timed


def run(prior, observations, arguments, matcher, threads):
    """Seconds per sample: all, forward passes, backward passes, matching, and the rest."""
    matching, forward, backward = (Stopwatch(arguments.device) for _ in range(3))
    originals = energies.match_all, torch.autograd.grad, Denoiser.forward
    energies.match_all, torch.autograd.grad = matching.wrap(matcher), backward.wrap(torch.autograd.grad)
    Denoiser.forward = forward.wrap(Denoiser.forward)
    try:
        began = time.perf_counter()
        sample(
            prior,
            Energy(observations, threads=threads),
            Schedule(steps=arguments.steps),
            Guidance(80e3, clip=None),
            Execution(arguments.device, arguments.samples, arguments.precision),
            key=("benchmark", "dps"),
            samples=arguments.samples,
            points=1024,
        )
        total = time.perf_counter() - began
    finally:
        energies.match_all, torch.autograd.grad, Denoiser.forward = originals
    parts = [total, forward.seconds, backward.seconds, matching.seconds]
    return [seconds / arguments.samples for seconds in (*parts, total - sum(parts[1:]))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", type=Path, default=Path("resources/clouds/1aoi.npz"))
    parser.add_argument("--prior", type=Path, default=Path("resources/priors/cryostruct-neighbours"))
    parser.add_argument("--full", action="store_true", help="the paper's network (random weights) instead of the prior")
    parser.add_argument("--projections", type=int, default=6)
    parser.add_argument("--points", type=int, default=1024)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--compile", action="store_true", help="the network by torch.compile, before timing")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_float32_matmul_precision("high")  # TF32 where there is a GPU
    prior = Denoiser(NetworkSpec()).eval().requires_grad_(False) if arguments.full else Denoiser.load(arguments.prior)
    prior = prior.to(arguments.device)
    cloud = PointCloud.load(arguments.cloud)
    observations = synthesise(cloud, key=("benchmark",), projections=arguments.projections, points=arguments.points)
    if arguments.compile:
        prior.network.compile()
    short = argparse.Namespace(**vars(arguments) | {"steps": 2})
    run(prior, observations, short, energies.match_all, arguments.threads)  # compiles whatever there is to compile
    print(
        f"{arguments.projections} projections × {arguments.points} points, {arguments.steps} steps, "
        f"batch {arguments.samples}, {arguments.device} {arguments.precision}, {arguments.threads} threads; "
        "seconds per sample"
    )
    print("| | all | forward | backward | matching | rest | matching's share |")
    print("|---|---|---|---|---|---|---|")
    straight = run(prior, observations, arguments, scipy_on_copies, 1)
    ours = run(prior, observations, arguments, energies.match_all, arguments.threads)
    for name, parts in (("straightforward", straight), ("pointprior", ours)):
        print(f"| {name} | {' | '.join(f'{seconds:.2f}' for seconds in parts)} | {parts[3] / parts[0]:.0%} |")
    print(f"ratio {straight[0] / ours[0]:.1f}× (matching alone {straight[3] / ours[3]:.0f}×)")
    if (arguments.projections, arguments.steps) == (6, 40):
        print(f"the paper's 72 s a sample (A100 node, its own prior): {72 / ours[0]:.1f}× as long")


if __name__ == "__main__":
    main()
