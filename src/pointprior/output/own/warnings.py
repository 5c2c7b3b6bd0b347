"""What a person should look at before believing a model of their own data."""

from collections.abc import Mapping

from pointprior.measurements.own import largest_angle
from pointprior.measurements.own_data import OwnData
from pointprior.output.own.from_prior import FromPrior
from pointprior.output.own.results import OwnModels
from pointprior.reconstruction.readings import Reading, better, unlike

UNEXPLAINED = 0.5  # correlation of an image with the models' projection below which it is not explained
FAR_TURNED = 2.0  # corrections of a pose, in the deviations that were allowed
NARROW = 30.0  # degrees: directions of view that differ by less tell nothing of the depth


def warnings(
    data: OwnData,
    models: list[OwnModels],
    readings: list[Reading],
    owed: Mapping[str, FromPrior],
    *,
    allowed_angle: float,
) -> list[str]:
    """One sentence for everything that looks wrong.

    Parameters
    ----------
    data : OwnData
        The measurements.
    models : list of OwnModels
        By every method.
    readings : list of Reading
        What other readings of the poses gave, and the homologue.
    owed : mapping
        What models owe to the prior, by method.
    allowed_angle : float
        How wrong poses were said to be (in degrees); 0: held.
    """
    found = [sentence(warning) for warning in data.warnings]
    found += _other_reading(readings)
    found += _other_shape(readings)
    found += _narrow(data)
    for each in models:
        found += _unexplained(each)
        found += _turned_far(each, allowed_angle)
    return found + _learnt(owed)


def sentence(text: str) -> str:
    """A remark as a sentence.

    Examples
    --------
    >>> sentence("the image is empty")
    'The image is empty.'
    """
    return f"{text[0].upper()}{text[1:]}."


def _other_reading(readings: list[Reading]) -> list[str]:
    """The poses fit better when read in another way."""
    best = better(readings)
    if best is None:
        return []
    return [
        f"The measurements agree much better with {best.name} than with the poses as given (misfit {best.misfit:.3f} "
        f"against {readings[0].misfit:.3f} in units of the cube): the file may follow another convention, or the map "
        "or the part lie in another frame or hand than the images."
    ]


def _other_shape(readings: list[Reading]) -> list[str]:
    """The homologue is not what was measured."""
    times = unlike(readings)
    if times is None:
        return []
    return [
        f"The homologue, where it fits best, misses the measurements by {times:.1f} times what a fit without it "
        "leaves: its shape is another, and it leads models astray. Leave it out, or give one in the specimen's "
        "conformation."
    ]


def _learnt(owed: Mapping[str, FromPrior]) -> list[str]:
    """Models that look like a structure that the prior learnt from."""
    near = {method: each.nearest for method, each in owed.items() if each.nearest and each.nearest.suspicious}
    return [
        f"The central model of {method} is nearer to {nearest.entry}, which the prior learnt from, than any structure "
        f"that it did not learn from is to one that it did: is the specimen a relative of {nearest.entry}? If not, "
        "compare it with the models of ml_regularised, which know no prior."
        for method, nearest in near.items()
    ]


def _narrow(data: OwnData) -> list[str]:
    """Directions of view that differ too little, where no map tells the depth."""
    if data.images is None or data.images.rotations is None or data.low_resolution is not None:
        return []
    angle = largest_angle(data.images.rotations)
    if angle >= NARROW:
        return []
    return [
        f"All directions of view lie within {angle:.0f}°: what the models show along them is the prior's, and their "
        "hand is open."
    ]


def _unexplained(models: OwnModels) -> list[str]:
    """Images that the models do not look like."""
    names = () if models.data.images is None else models.data.images.names
    poor = [name for name, a in zip(names, models.agreements, strict=True) if not a.correlation >= UNEXPLAINED]
    if not poor:
        return []
    shown = ", ".join(poor[:5]) + (f" and {len(poor) - 5} more" if len(poor) > 5 else "")
    return [
        f"The models of {models.method} do not look like {len(poor)} of {len(names)} images (correlation below "
        f"{UNEXPLAINED}): {shown}. Their poses may be wrong, or they show something else."
    ]


def _turned_far(models: OwnModels, allowed: float) -> list[str]:
    """Images whose poses were corrected by more than was to be expected."""
    if not allowed or models.data.images is None:
        return []
    table = models.image_table()
    far = table[table["turned"] > FAR_TURNED * allowed]
    return [
        f"{models.method} turned image {row.image} by {row.turned:.1f}°, though poses were said to be wrong by about "
        f"{allowed:g}°: is its pose right?"
        for row in far.itertuples()
    ]
