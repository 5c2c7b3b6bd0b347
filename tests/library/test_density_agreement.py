"""Agreement of densities: identities, a known blur, and an independent sum over structure factors."""

import numpy as np
import pytest
from protein_clouds import protein_cloud

from pointprior.scoring.density import SIGMA, density_agreement


@pytest.fixture(scope="module")
def atoms():
    return protein_cloud(0, points=400)


def test_atoms_agree_with_themselves(atoms):
    correlation, resolved = density_agreement(atoms, atoms, 8.0)
    assert correlation == pytest.approx(1)
    assert resolved == pytest.approx(4.0)  # the end of the grid


def test_order_and_place_do_not_matter(atoms):
    model = atoms[::2]
    expected = density_agreement(model, atoms, 8.0)
    assert density_agreement(model[::-1], atoms[::-1], 8.0) == pytest.approx(expected)
    moved = np.array([80.0, -16.0, 40.0])  # whole voxels
    assert density_agreement(model + moved, atoms + moved, 8.0) == pytest.approx(expected)


def test_worse_models_agree_less(atoms):
    generator = np.random.default_rng(0)
    noise = generator.normal(size=atoms.shape)
    found = np.array([density_agreement(atoms + size * noise, atoms, 8.0) for size in (0.5, 2.0, 4.0, 8.0)])
    assert (np.diff(found[:, 0]) < 0).all()
    assert (np.diff(found[:, 1]) > 0).all()


def test_correlation_of_two_points_by_hand():
    """Two single Gaussians, on a grid point each: the correlation over their union, from their closed form."""
    resolution, apart = 8.0, np.array([4.0, 0.0, 0.0])  # two voxels
    correlation, _ = density_agreement(apart[None], np.zeros((1, 3)), resolution)
    steps = np.arange(-16, 17) * resolution / 4
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    one, other = (
        np.exp(-np.square(grid - place).sum(-1) / (2 * (SIGMA * resolution) ** 2)) for place in (np.zeros(3), apart)
    )
    inside = np.maximum(one, other) > 0.05
    assert correlation == pytest.approx(np.corrcoef(one[inside], other[inside])[0, 1], abs=0.02)


def test_resolution_against_structure_factors(atoms):
    """Shell averages of the transforms of the points themselves, without any grid."""
    generator = np.random.default_rng(1)
    model = atoms + generator.normal(scale=2.5, size=atoms.shape)
    _, resolved = density_agreement(model, atoms, 8.0)
    lengths = np.linspace(0.01, 0.125, 60)
    directions = generator.normal(size=(400, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    curve = []
    for length in lengths:
        one, other = (np.exp(2j * np.pi * length * directions @ points.T).sum(axis=1) for points in (model, atoms))
        curve.append((one * other.conj()).real.sum() / np.sqrt((abs(one) ** 2).sum() * (abs(other) ** 2).sum()))
    first = np.flatnonzero(np.array(curve) < 0.5)[0]
    assert resolved == pytest.approx(1 / lengths[first], rel=0.1)


def test_points_that_are_none_are_named(atoms):
    with pytest.raises(ValueError, match="model: no points"):
        density_agreement(atoms[:0], atoms, 8.0)
    with pytest.raises(ValueError, match="atoms: 1 of 400 points are not finite"):
        density_agreement(atoms, np.where(np.arange(400)[:, None] == 3, np.nan, atoms), 8.0)
