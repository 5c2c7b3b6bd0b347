"""Random draws that belong to an item, not to the order in which items are worked."""

import hashlib


def seed_of(*key: str | int) -> int:
    """A 63-bit seed from the parts of a key such as (seed, structure, task, method, sample).

    Examples
    --------
    >>> seed_of(0, "6fvt", "dps", 3) == seed_of(0, "6fvt", "dps", 3)
    True
    >>> seed_of(0, "6fvt", "dps", 3) == seed_of(0, "6fvt", "dps", 4)
    False
    """
    text = "\x1f".join(f"{type(part).__name__}:{part}" for part in key)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


def torch_generator(*key: str | int):
    """A CPU `torch.Generator` seeded by a key; draws are the same whatever device they are moved to."""
    import torch

    return torch.Generator().manual_seed(seed_of(*key))


def numpy_generator(*key: str | int):
    """A `numpy.random.Generator` seeded by a key."""
    import numpy as np

    return np.random.default_rng(seed_of(*key))
