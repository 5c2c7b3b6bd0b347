"""The bundled priors as their cards describe them."""

import json
from functools import cache
from pathlib import Path

import markdown

PRIORS = Path(__file__).parents[2] / "resources/priors"
LEVELS = ("0.05", "0.2", "0.5", "1.0")


def table(part: str) -> str:
    """One of the parts below, by its name."""
    return PARTS[part]()


@cache
def _card(prior: str = "cryostruct-small") -> dict:
    return json.loads((PRIORS / prior / "card.json").read_text())


def _facts() -> str:
    card = _card()
    network, data, training = card["network"], card["data"], card["training"]
    return (
        f"* Network: the point transformer with width {network['width']}, {network['layers']} layers and "
        f"{network['heads']} heads, {card['parameters']:,} parameters.\n"
        f"* Data: {data['entries']:,} entries of the training list in {data['clusters']} clusters, and "
        f"{data['sub_assemblies']} connected parts of them. A further {data['validation_entries']} entries of "
        f"{data['validation_clusters']} other clusters validate.\n"
        f"* Training: {training['clouds_seen']:,} clouds, {training['hours']} hours on "
        f"{training['hardware'].replace(',', ' that was')}."
    )


def _denoising() -> str:
    errors = _card()["denoising_error"]
    return markdown.table(["t", *LEVELS], [["denoising error", *(f"{errors[level]:.2f}" for level in LEVELS)]])


def _standin() -> str:
    sets = {"validation": "denoising_error", "training": "denoising_error_in_training"}
    rows = [
        [f"`{prior}`", f"{clouds:,}", hours, objects, *(f"{errors[level]:.2f}" for level in LEVELS)]
        for prior in ("standin-chair", "standin-mixed")
        for clouds, hours in [(_card(prior)["training"][key] for key in ("clouds_seen", "hours"))]
        for objects, key in sets.items()
        for errors in [_card(prior)[key]]
    ]
    return markdown.table(["prior", "clouds seen", "hours", "objects", *(f"t = {level}" for level in LEVELS)], rows)


def _molecules() -> str:
    levels = ("0.02", "0.05", "0.1", *LEVELS[1:])
    rows = [
        [
            f"`{prior}`",
            f"{_card(prior)['parameters'] / 1e6:.1f} M",
            f"{clouds:,}",
            *(f"{errors[level]:.3f}" for level in levels),
        ]
        for prior in ("cryostruct-small", "cryostruct-neighbours")
        for clouds, errors in [(_card(prior)["training"]["clouds_seen"], _card(prior)["denoising_error"])]
    ]
    return markdown.table(["prior", "parameters", "clouds seen", *(f"t = {level}" for level in levels)], rows)


def _table3() -> str:
    found = _card()["table3"]
    rows = [[name, *(f"{value:g}" for value in found[key].values())] for name, key in NAMES.items()]
    chance = _chance(found["samples"], _card()["data"]["validation_entries"])
    rows.append(["chance, if both sets are of one distribution", f"{chance:.1f}", "–", "–"])
    return markdown.table(["samples", "1-NNA (%)", "COV (%)", "MMD (10⁻²)"], rows)


def _chance(samples: int, references: int) -> float:
    """1-NNA (%) of two sets drawn from one distribution: the nearest other is as likely anyone."""
    pooled = samples + references
    right = samples * (samples - 1) + references * (references - 1)
    return 100 * right / (pooled * (pooled - 1))


def _nearest() -> str:
    near = _card()["table3"]["nearest training cloud (Chamfer distance on principal axes, mean)"]
    return (
        f"The samples are not copies: the nearest training cloud is at a Chamfer distance of {near['prior']:.2f} on "
        f"average, that of a held-out cloud at {near['held out']:.2f}."
    )


NAMES = {"`cryostruct-small`": "prior", "training clouds": "training set"}
PARTS = {
    "facts": _facts,
    "denoising": _denoising,
    "molecules": _molecules,
    "table3": _table3,
    "nearest": _nearest,
    "standin": _standin,
}
