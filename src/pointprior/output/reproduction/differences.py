"""Why computed numbers differ from the printed ones: other data, prior or sampler, fewer instances or samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pointprior.methods import names

INSTANCES, SAMPLES = 100, 10  # of the paper, in every task
PARAMETERS = 77_762_563  # of the paper's networks
TIME_STEPS, SHOWCASE_TIME_STEPS = 40, 80  # of its DPS; the latter in Fig. 2
TRAINING_CLOUDS = {"Chair": 2658, "Mixed": 10693, "CryoStruct": 6629}


@dataclass(frozen=True)
class Source:
    """What the numbers of one kind of data rest on.

    Attributes
    ----------
    data : str
        Where the clouds come from.
    same_data : bool
        Whether these are the paper's.
    prior : str
        Name of the prior.
    parameters : int or None
        Of its network; None where the prior is not at hand.
    training_clouds : int or None
        What it was trained on; None where its card does not say.
    """

    data: str
    same_data: bool
    prior: str
    parameters: int | None = None
    training_clouds: int | None = None


@dataclass(frozen=True)
class Sampler:
    """How DPS sampled.

    Attributes
    ----------
    steps : tuple of int
        Numbers of time steps of its tasks; empty where the item compares them, and says them itself.
    guidance_clip : float or None
        Limit of guidance; None: without one, as printed.
    """

    steps: tuple[int, ...]
    guidance_clip: float | None


@dataclass(frozen=True)
class Unconditional:
    """How priors were sampled without measurements; the defaults are the paper's."""

    steps: int = 100
    t_max: float = 80.0


def reasons(
    sources: Mapping[str, Source],
    table: pd.DataFrame | None,  # with columns instances and samples, if the item has them
    *,
    kinds: Sequence[str],
    sampler: Sampler | None = None,  # of an item that rests on DPS
    steps: int = TIME_STEPS,  # that the paper takes there
    unconditional: Unconditional | None = None,  # of an item that shows samples of priors
) -> list[str]:
    """Sentences about what differs from the paper in the data, the priors, the samplers, and the size of the run."""
    found = []
    for kind in [kind for kind in sorted(kinds) if kind in sources]:
        source = sources[kind]
        if not source.same_data:
            found.append(f"{kind}: the clouds are not the paper's but {source.data}.")
        if source.parameters is not None and source.parameters != PARAMETERS:
            found.append(_prior(kind, source, source.parameters))
    found += [] if sampler is None else _sampler(sampler, steps)
    if unconditional not in (None, Unconditional()):
        found.append(_unconditional(unconditional))
    if table is not None and len(table):
        found += _size(table)
    return found


def _prior(kind: str, source: Source, parameters: int) -> str:
    learnt = "" if source.training_clouds is None else f" and learnt from {source.training_clouds:,} clouds"
    return (
        f"{kind}: the prior `{source.prior}` has {parameters:,} parameters{learnt}; the paper's "
        f"has {PARAMETERS:,} and learnt from {TRAINING_CLOUDS[kind]:,}."
    )


def _sampler(sampler: Sampler, printed: int) -> list[str]:
    """What tells DPS from Algorithm 1 as the paper ran it."""
    found = []
    if set(sampler.steps) - {printed}:
        ours = " or ".join(str(steps) for steps in sorted(set(sampler.steps)))
        found.append(f"DPS took {ours} time steps; the paper's takes {printed}.")
    if sampler.guidance_clip is not None:
        limit = f"{sampler.guidance_clip:g}"
        found.append(f"The guidance of DPS was limited (`dps.guidance_clip: {limit}`); the paper prints no limit.")
    return found


def _unconditional(ours: Unconditional) -> str:
    printed = Unconditional()
    return (
        f"Samples without measurements took {ours.steps} time steps from t = {ours.t_max:g}; the paper's take "
        f"{printed.steps} from t = {printed.t_max:g}."
    )


def _size(table: pd.DataFrame) -> list[str]:
    """Smallest numbers of instances and of samples of each, if below the paper's; a control needs no more than one."""
    if "method" in table:
        table = table[~table["method"].isin(names("control"))]
    instances, samples = table["instances"].min(), (table["samples"] // table["instances"]).min()
    if instances >= INSTANCES and samples >= SAMPLES:
        return []
    return [f"The smallest row has {instances} instances × {samples} samples; the paper has {INSTANCES} × {SAMPLES}."]
