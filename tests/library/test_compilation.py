"""What is compiled ahead is all that a reconstruction, its scores and its pictures need."""

import os
import subprocess
import sys

CODE = """
import sys
import numpy as np
import torch
from numba.core.dispatcher import Dispatcher
from scipy.spatial.transform import Rotation

import pointprior
from pointprior.compilation import compile_all
from pointprior.output.figures.rendering import Camera, render_beads
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("pointprior.")]
    functions = [item for module in modules for item in vars(module).values() if isinstance(item, Dispatcher)]
    return {(function.py_func.__module__, function.__name__, str(found)) for function in functions
            for found in function.signatures}

compile_all()
ahead = compiled()
cloud = pointprior.PointCloud.load("resources/clouds/3j9i.npz")
views = Rotation.random(2, rng=0).as_matrix()
seen = [pointprior.Observation.projection((cloud.points @ view)[:300, :2], view) for view in views]
seen.append(pointprior.Observation.low_resolution(cloud.points[:30]))
torch.manual_seed(0)
denoiser = Denoiser(NetworkSpec(kind="neighbours", width=32, layers=1, heads=1)).eval().requires_grad_(False)
models = pointprior.sample(denoiser, pointprior.Energy(pointprior.Observations.combine(seen)),
                           pointprior.Schedule(steps=2), pointprior.Guidance(alpha=1),
                           key=(0, "compiled"), samples=1, points=1024)
pointprior.score(models.points + cloud.points, cloud)
camera = Camera.on_principal_axes(cloud.points)
render_beads(camera, cloud.points, radius=0.05, colours=np.ones((1024, 3)))
print(len(ahead), sorted(compiled() - ahead))
"""


def test_nothing_is_compiled_after_compiling_ahead():
    command = [sys.executable, "-c", CODE]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 0, done.stderr
    count, later = done.stdout.strip().split(" ", 1)
    assert int(count) > 10
    assert later == "[]"
