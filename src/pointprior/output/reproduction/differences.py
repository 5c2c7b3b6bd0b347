"""Why computed numbers differ from the printed ones: other data, another prior, fewer instances or samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pointprior.methods import names

INSTANCES, SAMPLES = 100, 10  # of the paper, in every task
PARAMETERS = 77_762_563  # of the paper's networks
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


def reasons(
    sources: Mapping[str, Source],
    table: pd.DataFrame | None,  # with columns instances and samples, if the item has them
    *,
    kinds: Sequence[str],
) -> list[str]:
    """Sentences about what differs from the paper in the data, the priors, and the size of the run."""
    found = []
    for kind in [kind for kind in sorted(kinds) if kind in sources]:
        source = sources[kind]
        if not source.same_data:
            found.append(f"{kind}: the clouds are not the paper's but {source.data}.")
        if source.parameters is not None and source.parameters != PARAMETERS:
            found.append(_prior(kind, source, source.parameters))
    if table is not None and len(table):
        found += _size(table)
    return found


def _prior(kind: str, source: Source, parameters: int) -> str:
    learnt = "" if source.training_clouds is None else f" and learnt from {source.training_clouds:,} clouds"
    return (
        f"{kind}: the prior `{source.prior}` has {parameters:,} parameters{learnt}; the paper's "
        f"has {PARAMETERS:,} and learnt from {TRAINING_CLOUDS[kind]:,}."
    )


def _size(table: pd.DataFrame) -> list[str]:
    """Smallest numbers of instances and of samples of each, if below the paper's; a control needs no more than one."""
    if "method" in table:
        table = table[~table["method"].isin(names("control"))]
    instances, samples = table["instances"].min(), (table["samples"] // table["instances"]).min()
    if instances >= INSTANCES and samples >= SAMPLES:
        return []
    return [f"The smallest row has {instances} instances × {samples} samples; the paper has {INSTANCES} × {SAMPLES}."]
