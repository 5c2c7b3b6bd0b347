"""What the printed time code and σ_data cost: the same short training of a small prior with each, on held-out clouds.

python benchmarks/preconditioning.py results/priors/cryostruct/training_clouds.npz --steps 500
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import torch

from pointprior.priors.evaluation import denoising_error
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.loop import train
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan
from pointprior.priors.training_set import TrainingSet

SMALL = {"width": 192, "layers": 6, "heads": 3}
CHOICES = {
    "ln(t)/4, σ_data 0.38 (the clouds' own)": NetworkSpec(**SMALL, sigma_data=0.38, time_code="log"),
    "1000 t/80, σ_data 0.38": NetworkSpec(**SMALL, sigma_data=0.38, time_code="linear"),
    "ln(t)/4, σ_data 0.5 (printed)": NetworkSpec(**SMALL, sigma_data=0.5, time_code="log"),
    "1000 t/80, σ_data 0.5 (both printed)": NetworkSpec(**SMALL, sigma_data=0.5, time_code="linear"),
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
    stage = Stage(steps=args.steps, batch=16, points=args.points, noise_mean=-1.7, noise_std=1.2, t_max=80.0)
    plan = TrainingPlan(stages=(stage,), learning_rate=5e-4, final_learning_rate=1e-5, warmup=100)
    print(f"| {args.steps} steps of 16 clouds | " + " | ".join(f"t = {level}" for level in LEVELS) + " |")
    print("|---" * (len(LEVELS) + 1) + "|")
    for name, spec in CHOICES.items():
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Path(folder) / "checkpoint.safetensors"
            how = {"checkpoint": checkpoint, "execution": TrainingExecution(device="cpu"), "seed": 1}
            denoiser = train(spec, plan, data.points[learnt], data.groups[learnt], **how)
        errors = denoising_error(denoiser, thinned, levels=LEVELS)
        print(f"| {name} | " + " | ".join(f"{errors[level]:.4f}" for level in LEVELS) + " |", flush=True)


if __name__ == "__main__":
    main()
