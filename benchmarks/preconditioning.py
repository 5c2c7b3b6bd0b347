"""What the printed time code and σ_data cost: the same short training of a small prior with each, on held-out clouds.

python benchmarks/preconditioning.py results/priors/cryostruct/training_clouds.npz --steps 500
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from pointprior.priors.denoiser import PriorSpec
from pointprior.priors.diffusion import NoiseDistribution
from pointprior.priors.training import Stage, TrainingPlan, denoising_error, train
from pointprior.priors.training_set import TrainingSet

SMALL = {"width": 192, "layers": 6, "heads": 3}
CHOICES = {
    "ln(t)/4, σ_data 0.38 (the clouds' own)": PriorSpec(**SMALL, sigma_data=0.38, time_code="log"),
    "1000 t/80, σ_data 0.38": PriorSpec(**SMALL, sigma_data=0.38, time_code="linear"),
    "ln(t)/4, σ_data 0.5 (printed)": PriorSpec(**SMALL, sigma_data=0.5, time_code="log"),
    "1000 t/80, σ_data 0.5 (both printed)": PriorSpec(**SMALL, sigma_data=0.5, time_code="linear"),
}
LEVELS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a training set that pack_training_clouds wrote")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--points", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    data = TrainingSet.load(args.data)
    learnt, held_out = ~data.held_out, data.points[data.held_out]
    generator = np.random.default_rng(0)
    thinned = np.stack([cloud[generator.permutation(len(cloud))[: args.points]] for cloud in held_out])
    stage = Stage(args.steps, 16, args.points, NoiseDistribution(-1.7, 1.2, 80.0))
    plan = TrainingPlan(stages=(stage,), learning_rate=5e-4, final_learning_rate=1e-5, seed=1)
    print(f"| {args.steps} steps of 16 clouds | " + " | ".join(f"t = {level}" for level in LEVELS) + " |")
    print("|---" * (len(LEVELS) + 1) + "|")
    for name, spec in CHOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.safetensors"
            prior = train(spec, plan, data.points[learnt], data.groups[learnt], checkpoint=checkpoint)
        errors = denoising_error(prior, thinned, levels=LEVELS)
        print(f"| {name} | " + " | ".join(f"{errors[level]:.4f}" for level in LEVELS) + " |", flush=True)


if __name__ == "__main__":
    main()
