"""The sections of `gpu.py`: each measures one thing and gives the rows of its table."""

import copy
import time
from dataclasses import dataclass, replace

import numpy as np
import straightforward
import torch
from gpu import BOUNDS, PAPER_BATCH, PRINTED, ROOT, VIEWS
from scipy.spatial.transform import Rotation
from stopwatch import fresh_memory, gigabytes, quickest, replaced, wait

from pointprior.clouds import PointCloud
from pointprior.measurements import energy as energies
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.batches import Batch
from pointprior.priors.training.checkpoints import TrainingState
from pointprior.priors.training.loop import Loss, take_step
from pointprior.priors.training.plan import TrainingPlan
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution, prepared
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import matrix_rate

ALPHA = 10.0  # gentle: else the clouds of random weights end far outside the cube, and rounding parts what is compared
CHECKED = (
    "Clouds after a few steps against the straightforward implementation on the CPU: RMS difference of a coordinate."
)
EVALUATED = (
    "An evaluation with its gradient with respect to the cloud; shares are of a large product in that precision."
)
SAMPLED = "Two halves in turn, but for the columns `without turns` and `network and rest`; bfloat16."
TRAINED = "The paper's batch; bfloat16. A step counts as three forward passes."
FULL, SMALL = NetworkSpec(), NetworkSpec(width=64, layers=2, heads=2)
OUT_OF_MEMORY = torch.OutOfMemoryError


@dataclass(frozen=True)
class Setting:
    """What all sections share."""

    device: str
    threads: int
    small: bool
    spec: NetworkSpec
    denoiser: Denoiser
    observations: Observations
    steps: int
    batches: list
    peak: dict

    @property
    def points(self):
        return self.observations.points

    @property
    def flops(self):
        """Of a cloud's evaluation and its gradient: counted as two forward passes, since weights need none."""
        return 2 * self.denoiser.network.flops(self.points)


def setting(arguments):
    """The network with random weights on its device, and six projections of a bundled cloud."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    spec = SMALL if arguments.small else FULL
    denoiser = Denoiser(spec).eval().requires_grad_(False)
    torch.nn.init.normal_(denoiser.network.project.weight, std=0.02)  # zeros before the training: nothing to compare
    device = arguments.device
    peak = {precision: matrix_rate(device, precision) for precision in ("float32", "bfloat16")}
    return Setting(
        device,
        arguments.threads,
        arguments.small,
        spec,
        denoiser.to(device),
        projections(128 if arguments.small else 1024),
        arguments.steps or (3 if arguments.small else 40),
        arguments.batches or ([1, 4] if arguments.small else [1, 4, 10, 32, 64]),
        peak,
    )


def projections(points):
    """What the paper's largest task measures: as many targets in every view as the cloud has points."""
    cloud = PointCloud.load(ROOT / "resources/clouds/1aoi.npz").points[:points]
    rotations = Rotation.random(VIEWS, random_state=np.random.default_rng(0)).as_matrix().astype(np.float32)
    items = [Observation.projection((cloud @ rotation)[:, :2], rotation) for rotation in rotations]
    return Observations.combine(items, points=points)


def scipy_matching():
    """All matchings by scipy, where the library's search cannot be compiled."""
    return replaced(energies, "match_all", straightforward.scipy_on_copies)


def plain(given):
    """The straightforward network with the same weights, under the library's preconditioning."""
    denoiser = copy.deepcopy(given.denoiser)
    denoiser.network = straightforward.PlainTransformer(
        denoiser.network, layers=given.spec.layers, heads=given.spec.heads
    )
    return denoiser


def evaluation(denoise, batch, given):
    """An evaluation with its gradient, as guidance takes it."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(batch, given.points, 3, generator=generator).to(given.device)
    t = torch.full((batch,), 0.5, device=given.device)

    def work():
        at = x.clone().requires_grad_()
        denoised = denoise(at, t)
        torch.autograd.grad(denoised, at, torch.ones_like(denoised))

    return work


def network_row(name, denoise, batch, precision, given):
    """Seconds per cloud, share of peak and memory of an evaluation with its gradient."""
    fresh_memory(given.device)
    row = {"network": name, "batch": batch, "ms per cloud": None, "share of peak": None, "GB": None}
    row["GB that `execution.batch: null` reckons with"] = batch * given.denoiser.activation_bytes(given.points) / 1e9
    try:
        seconds = quickest(evaluation(denoise, batch, given), given.device) / batch
    except OUT_OF_MEMORY:
        return row
    share = given.flops / seconds / given.peak[precision]
    return row | {"ms per cloud": 1e3 * seconds, "share of peak": share, "GB": gigabytes(given.device)}


def network_rows(given, compiled):
    """The network alone: straightforward, fused, in bfloat16 by batch, and compiled."""
    rows = [network_row("float32, attention written out", plain(given), 1, "float32", given)]
    for precision, batches in (("float32", given.batches[:1]), ("bfloat16", given.batches)):
        denoise = prepared(given.denoiser, Execution(given.device, precision=precision))
        rows += [network_row(precision, denoise, batch, precision, given) for batch in batches]
    if compiled:
        denoiser = copy.deepcopy(given.denoiser)
        denoiser.network.compile()
        denoise = prepared(denoiser, Execution(given.device, precision="bfloat16"))
        rows += [network_row("bfloat16, compiled", denoise, b, "bfloat16", given) for b in given.batches[1:3]]
    return rows


def draw(given, batch, *, steps, parts, denoiser=None):
    """Seconds of a batch of samples, and of the matchings in it."""
    spent, match = [], energies.match_all

    def timed(*arguments, **named):
        began = time.perf_counter()
        found = match(*arguments, **named)
        spent.append(time.perf_counter() - began)
        return found

    how = (Schedule(steps), Guidance(ALPHA), Execution(given.device, batch, "bfloat16", parts=parts))
    energy = Energy(given.observations, threads=given.threads)
    with replaced(energies, "match_all", timed):
        found = sample(denoiser or given.denoiser, energy, *how, key=("gpu", "dps"), samples=batch, points=given.points)
    return found.seconds * batch, sum(spent)


def sampling_row(given, name, batch, denoiser):
    """Seconds per sample one after the other and in turn, matching's share, and what of the shorter is hidden.

    Two parts match half as many problems at a time, which may take longer; so that is timed by itself.
    """
    fresh_memory(given.device)
    for parts in (1, 2):  # kernels are chosen, and code is compiled, for every size of a batch
        draw(given, batch, steps=2, parts=parts, denoiser=denoiser)
    alone, matching = draw(given, batch, steps=given.steps, parts=1, denoiser=denoiser)
    in_turn, matching_in_turn = draw(given, batch, steps=given.steps, parts=2, denoiser=denoiser)
    rest = alone - matching
    hidden = (rest + matching_in_turn - in_turn) / min(rest, matching_in_turn)
    return {
        "what": name,
        "batch": batch,
        "s/sample": in_turn / batch,
        "without turns": alone / batch,
        "network and rest": rest / batch,
        "matching": matching_in_turn / batch,
        "matching's share": matching / alone,
        "hidden of the shorter": hidden if given.device.startswith("cuda") else None,
        "GB": gigabytes(given.device),
    }


def sampling_rows(given, report, fitting):
    """Ours by batch, with random weights and with the bundled prior, whose clouds are as hard to match as real ones."""
    name = "small network" if given.small else "full network"
    prior = Denoiser.load(ROOT / "resources/priors/cryostruct-small").to(given.device)
    cases = [(name, batch, None) for batch in fitting if batch <= 10]
    cases.append(("bundled prior", max(batch for _, batch, _ in cases), prior))
    cases += [(name, batch, None) for batch in fitting if batch > 10]
    rows = []
    for case in cases:
        if time.monotonic() > report.deadline:
            report.lack(f"sampling with the {case[0]} in batches of {case[1]}", "the time is spent")
        else:
            rows.append(sampling_row(given, *case))
    return rows


def reference_row(given):
    """The straightforward implementation on the device: a few evaluations, taken for as many as a sample needs."""
    schedule, denoise = Schedule(2 if given.small else 4), plain(given)
    began = time.perf_counter()
    _, matching = straightforward.sample(
        denoise, given.observations, schedule, ALPHA, key=("gpu", "dps", 0), device=given.device
    )
    wait(given.device)
    seconds, many = time.perf_counter() - began, Schedule(given.steps).nfe / schedule.nfe
    return {
        "what": f"straightforward, from {schedule.nfe} evaluations",
        "s/sample": many * seconds,
        "network and rest": many * (seconds - matching),
        "matching": many * matching,
    }


def ratio_rows(given, rows):
    """How many times as long as ours the straightforward implementation takes, and the paper's printed time."""
    reference = reference_row(given)
    ours = min((row for row in rows if row["what"] != "bundled prior"), key=lambda row: row["s/sample"])
    best = {"ours": ours["s/sample"], "in batches of": ours["batch"]}
    printed = {"what": "printed in the paper (A100 node)", "s/sample": PRINTED}
    printed |= {"network and rest": None, "matching": None} | best
    comparable = not given.small and given.steps == 40
    return [
        reference | best | {"ratio": reference["s/sample"] / ours["s/sample"]},
        printed | {"ratio": PRINTED / ours["s/sample"] if comparable else None},
    ]


def check_rows(given):
    """Final clouds against the straightforward implementation on the CPU, from the same draws."""
    schedule, key, on_cpu = Schedule(8), ("gpu", "check"), copy.deepcopy(given.denoiser).to("cpu")
    cpu = replace(given, denoiser=on_cpu)
    measured = given.observations if given.small else projections(256)
    expected = np.stack(
        [straightforward.sample(plain(cpu), measured, schedule, ALPHA, key=(*key, s), device="cpu")[0] for s in (0, 1)]
    )
    rows = []
    for device, precision in dict.fromkeys([("cpu", "float32"), (given.device, "float32"), (given.device, "bfloat16")]):
        denoiser = on_cpu if device == "cpu" else given.denoiser
        how = (Energy(measured), schedule, Guidance(ALPHA, None), Execution(device, 2, precision, parts=2))
        found = sample(denoiser, *how, key=key, samples=2, points=measured.points).points
        difference = float(np.sqrt(np.square(found - expected).mean()))
        bound = BOUNDS[precision]
        rows.append(
            {"ours on": device, "precision": precision, "difference": difference, "bound": bound}
            | {"holds": difference <= bound}
        )
    return rows


def random_batch(size, given):
    """A training batch of clouds of normal numbers: what it costs does not depend on them."""
    generator = torch.Generator().manual_seed(0)
    clean, noise = (torch.randn(size, given.points, 3, generator=generator) for _ in range(2))
    return Batch(0.4 * clean, torch.full((size,), 0.1), noise)


def small_steps(model, optimiser, plan, batch, micro, device):
    """An optimiser step whose gradient is summed over micro-batches."""
    optimiser.zero_grad(set_to_none=True)
    for start in range(0, len(batch.t), micro):
        own = [value[start : start + micro].to(device, non_blocking=True) for value in batch]
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            loss = model(*own).sum() / len(batch.t)
        loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), plan.clip)
    optimiser.step()


def training_row(name, given, size, step, *, recompute=False):
    """Clouds per second of an optimiser step, or dashes where memory runs out."""
    fresh_memory(given.device)
    row = {"training step": name, "clouds": size, "clouds/s": None, "share of peak": None, "GB": None}
    state = TrainingState.start(given.spec, seed=0, initial=None, device=given.device)
    state.model.network.recompute = recompute
    try:
        seconds = quickest(lambda: step(Loss(state.model), state.optimiser), given.device, tries=2)
    except OUT_OF_MEMORY:
        return row
    share = 3 * size * given.denoiser.network.flops(given.points) / seconds / given.peak["bfloat16"]
    return row | {"clouds/s": size / seconds, "share of peak": share, "GB": gigabytes(given.device)}


def training_rows(given):
    """The paper's batch at once, with activations computed again, and in micro-batches, which need least memory."""
    plan, size = TrainingPlan(), 8 if given.small else PAPER_BATCH
    batch = random_batch(size, given)

    def whole(model, optimiser):
        take_step(model, optimiser, plan, 0, batch, given.device)

    rows = [
        training_row("at once", given, size, whole),
        training_row("at once, activations computed again", given, size, whole, recompute=True),
    ]
    for micro in (size // 4, size // 8):

        def in_pieces(model, optimiser, micro=micro):
            small_steps(model, optimiser, plan, batch, micro, given.device)

        rows.append(training_row(f"in micro-batches of {micro}", given, size, in_pieces))
    return rows


def run(arguments, report, machine):
    """All sections; 1 if one failed, or if results are not the CPU's, else 0."""
    given = setting(arguments)
    rates = {f"{name} products, TFLOP/s": rate / 1e12 for name, rate in given.peak.items()}
    report.table("machine", "Machine", [machine | rates])
    checked = report.section("check", "Results", lambda: check_rows(given), CHECKED)
    compiled = not (arguments.no_compile or given.small)
    network = report.section("network", "Network alone", lambda: network_rows(given, compiled), EVALUATED)
    fitting = [row["batch"] for row in network or [] if row["network"] == "bfloat16" and row["ms per cloud"]]
    sampled = report.section(
        "sampling",
        f"Sampling, {given.steps} steps",
        lambda: sampling_rows(given, report, fitting or given.batches),
        SAMPLED,
    )
    if sampled:
        report.section("ratios", "Against others", lambda: ratio_rows(given, sampled))
    report.section("training", "Training", lambda: training_rows(given), TRAINED)
    holds = checked is not None and all(row["holds"] for row in checked)
    return 0 if holds and "lacks" not in report.found else 1
