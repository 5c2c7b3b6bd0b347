"""The thirteen categories of ShapeNet's part annotation that the paper takes, and their WordNet synsets."""

import difflib
from collections.abc import Iterable

CATEGORIES = {
    "Airplane": "02691156",
    "Bag": "02773838",
    "Cap": "02954340",
    "Car": "02958343",
    "Chair": "03001627",
    "Guitar": "03467517",
    "Laptop": "03642806",
    "Motorbike": "03790512",
    "Mug": "03797390",
    "Pistol": "03948459",
    "Rocket": "04099429",
    "Skateboard": "04225987",
    "Table": "04379243",
}


def synset_of(category: str) -> str:
    """Synset of a category.

    Raises
    ------
    ValueError
        If there is no such category; the message names the nearest.

    Examples
    --------
    >>> synset_of("Chair")
    '03001627'
    """
    if category not in CATEGORIES:
        near = difflib.get_close_matches(str(category).capitalize(), CATEGORIES, n=1, cutoff=0.5)
        advice = f"did you mean {near[0]}?" if near else f"known: {', '.join(CATEGORIES)}"
        raise ValueError(f"{category!r} is no category of shapes; {advice}")
    return CATEGORIES[category]


def synsets_of(categories: Iterable[str]) -> dict[str, str]:
    """Categories by their synset."""
    return {synset_of(category): category for category in categories}
