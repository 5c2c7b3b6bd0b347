"""Compile ahead what Numba compiles when it is first used, on small problems of every kind.

Compiled code is kept beside the package (or in NUMBA_CACHE_DIR). Jobs that begin at once would each compile it.
"""

from collections.abc import Callable

import numpy as np

from pointprior.runtime.processes import in_processes

POINTS = 64


def compile_all(*, processes: int = 1) -> None:
    """Call all compiled code once, side by side in so many processes."""
    in_processes(_call, (_match, _evaluate_network, _superpose, _draw), processes=processes)


def _call(part: Callable[[], None]) -> None:
    part()


def _cloud() -> np.ndarray:
    return np.random.default_rng(0).normal(scale=0.3, size=(POINTS, 3))


def _match() -> None:
    """Measurements in two and three dimensions, of as many points as the cloud and of fewer, under every pairing."""
    import torch

    from pointprior.measurements.energy import Energy
    from pointprior.measurements.likelihood import Likelihood
    from pointprior.measurements.observations import Observation, Observations

    cloud = _cloud().astype(np.float32)
    seen = [
        Observation.projection(cloud[:, :2], np.eye(3)),
        Observation.projection(cloud[: POINTS // 2, :2], np.eye(3)),
        Observation.low_resolution(cloud[: POINTS // 8]),
        Observation.subunit(cloud[: POINTS // 4]),
    ]
    measured, x = Observations.combine(seen, points=POINTS), torch.from_numpy(_cloud()[None])
    for likelihood in (
        Likelihood(),
        Likelihood("unbalanced"),
        Likelihood("entropic"),
        Likelihood("mixed", outliers=0.1),
    ):
        energy = Energy(measured, likelihood=likelihood)
        for uncertainty in (0.3, 0.1):  # the second begins from the first one's duals
            energy(x, uncertainty=uncertainty)


def _evaluate_network() -> None:
    """A network of near neighbours and its gradient."""
    import torch

    from pointprior.priors.denoiser import Denoiser
    from pointprior.priors.set_metrics import chamfer_matrix
    from pointprior.priors.spec import NetworkSpec
    from pointprior.reconstruction.execution import Execution, prepared

    spec = NetworkSpec(kind="neighbours", width=16, layers=2, heads=2, neighbours=4, message_width=8, latents=4)
    denoiser = Denoiser(spec).eval().requires_grad_(False)
    x = torch.from_numpy(_cloud()[None]).float().requires_grad_()
    for network in (denoiser, prepared(denoiser, Execution())):  # as training calls it, and as samplers do
        network(x, torch.ones(1)).sum().backward()
    chamfer_matrix(x.detach().numpy(), x.detach().numpy())


def _superpose() -> None:
    from pointprior.scoring.alignment import align

    align(_cloud(), _cloud())


def _draw() -> None:
    from pointprior.output.figures.depth_buffer import depth_buffer

    depth_buffer(_cloud(), 1.0, 8)
