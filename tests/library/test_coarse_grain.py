"""Coarse-graining: both engines against each other, against dense EM, and on awkward input."""

import warnings
from typing import get_args

import numpy as np
import pytest
from mirror import MIRRORS, needs_mirror
from scipy.spatial import cKDTree
from scipy.special import logsumexp
from sklearn.mixture import GaussianMixture

from pointprior.clouds import DegenerateCloudError
from pointprior.structures import mixtures as coarse_grain
from pointprior.structures.mixtures import REGULARISATION, Mixture, TooFewAtomsError, fit_mixture, to_cloud
from pointprior.structures.recipes import Engine, MixtureFit

COMPONENTS = 48
ENGINES = get_args(Engine)


@pytest.fixture(scope="module")
def xyz() -> np.ndarray:
    """600 atoms of a chain: a random walk with bonds of 1.5 Å, away from the origin."""
    steps = np.random.default_rng(0).normal(size=(600, 3))
    walk = np.cumsum(1.5 * steps / np.linalg.norm(steps, axis=1, keepdims=True), axis=0)
    return (walk + np.array([120.0, -40.0, 15.0])).astype(np.float32)


def log_joint(xyz, weights, means, covariance):
    """Log of weight times Gaussian density of every atom and component, densely in float64."""
    difference = xyz[:, None] - means
    quadratic = np.einsum("nki,ij,nkj->nk", difference, np.linalg.inv(covariance), difference)
    return np.log(weights) - (quadratic + np.log(np.linalg.det(2 * np.pi * covariance))) / 2


def dense_em(xyz, means, nearest, iterations):
    """Textbook EM with a tied covariance, started from a hard assignment."""
    responsibility = np.eye(len(means))[nearest]
    for _ in range(iterations):
        weights = responsibility.mean(axis=0)
        means = responsibility.T @ xyz / responsibility.sum(axis=0)[:, None]
        difference = xyz[:, None] - means
        covariance = np.einsum("nk,nki,nkj->ij", responsibility, difference, difference) / len(xyz)
        covariance += REGULARISATION * np.eye(3)
        joint = log_joint(xyz, weights, means, covariance)
        log_norm = logsumexp(joint, axis=1, keepdims=True)
        responsibility = np.exp(joint - log_norm)
    return weights, means, covariance, log_norm.mean()


@pytest.mark.parametrize("iterations", [1, 2, 7])
def test_neighbours_equal_dense_em_when_all_components_are_neighbours(xyz, iterations):
    xyz = xyz.astype(np.float64)
    means, nearest = coarse_grain._k_means(xyz - xyz.mean(axis=0), COMPONENTS, np.random.default_rng(3))
    _, means, covariance, likelihood = dense_em(xyz, means, nearest, iterations)
    mixture = coarse_grain._fit_neighbours(xyz, COMPONENTS, 3, 0.0, iterations, neighbours=COMPONENTS)
    np.testing.assert_allclose(mixture.means, means, atol=1e-9)
    np.testing.assert_allclose(mixture.covariance, covariance, atol=1e-9)
    assert mixture.log_likelihood == pytest.approx(likelihood, abs=1e-10)


def test_neighbours_equal_scikit_learn_from_the_same_start(xyz):
    xyz = xyz.astype(np.float64)
    means, nearest = coarse_grain._k_means(xyz - xyz.mean(axis=0), COMPONENTS, np.random.default_rng(3))
    weights, means, covariance, _ = dense_em(xyz, means, nearest, 1)
    model = GaussianMixture(
        COMPONENTS,
        covariance_type="tied",
        weights_init=weights,
        means_init=means,
        precisions_init=np.linalg.inv(covariance),
        tol=0.0,
        max_iter=6,  # one less: the start above was the first
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tolerance 0: it cannot converge
        model.fit(xyz)
    mixture = coarse_grain._fit_neighbours(xyz, COMPONENTS, 3, 0.0, 7, neighbours=COMPONENTS)
    np.testing.assert_allclose(mixture.means, model.means_, atol=1e-6)
    np.testing.assert_allclose(mixture.covariance, model.covariances_, atol=1e-6)
    assert mixture.log_likelihood == pytest.approx(model.score(xyz), abs=1e-7)


def test_sixteen_neighbours_are_enough(xyz):
    full = coarse_grain._fit_neighbours(xyz.astype(np.float64), COMPONENTS, 3, 1e-3, 100, neighbours=COMPONENTS)
    mixture = fit_mixture(xyz, components=COMPONENTS, seed=3, fit=MixtureFit(engine="neighbours"))
    assert mixture.log_likelihood == pytest.approx(full.log_likelihood, abs=1e-3)


def test_engines_reach_the_same_likelihood(xyz):
    likelihood = {
        engine: np.array(
            [
                fit_mixture(xyz, components=COMPONENTS, seed=seed, fit=MixtureFit(engine=engine)).log_likelihood
                for seed in range(5)
            ]
        )
        for engine in ENGINES
    }
    reference = likelihood["scikit-learn"]
    assert likelihood["neighbours"].mean() > reference.mean() - 2 * reference.std()


@pytest.mark.parametrize("engine", ENGINES)
def test_fit_describes_the_atoms(xyz, engine):
    mixture = fit_mixture(xyz, components=COMPONENTS, fit=MixtureFit(engine=engine))
    assert mixture.converged
    assert mixture.means.shape == (COMPONENTS, 3)
    assert mixture.assignment.shape == (len(xyz),)
    assert np.linalg.eigvalsh(mixture.covariance).min() > 0
    # every atom is near the component it is assigned to, as measured by the shared covariance
    difference = xyz - mixture.means[mixture.assignment]
    distance = np.sqrt(np.einsum("ni,ij,nj->n", difference, np.linalg.inv(mixture.covariance), difference))
    assert np.median(distance) < 2
    assert distance.max() < 6


@pytest.mark.parametrize("engine", ENGINES)
def test_a_seed_gives_the_same_mixture_again_and_another_seed_another(xyz, engine):
    first, again, other = (
        fit_mixture(xyz, components=20, seed=seed, fit=MixtureFit(engine=engine)) for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first.means, again.means)
    np.testing.assert_array_equal(first.assignment, again.assignment)
    assert not np.array_equal(first.means, other.means)


@pytest.mark.parametrize("engine", ENGINES)
def test_motion_of_the_atoms_moves_the_means_along(xyz, engine):
    rotation = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    mixture = fit_mixture(xyz, components=1, fit=MixtureFit(engine=engine))
    moved = fit_mixture((xyz @ rotation.T + 3.0).astype(np.float32), components=1, fit=MixtureFit(engine=engine))
    np.testing.assert_allclose(mixture.means[0], xyz.mean(axis=0, dtype=np.float64), atol=1e-4)
    np.testing.assert_allclose(moved.means, mixture.means @ rotation.T + 3.0, atol=1e-4)
    np.testing.assert_allclose(moved.covariance, rotation @ mixture.covariance @ rotation.T, atol=1e-2)


@pytest.mark.parametrize("engine", ENGINES)
def test_too_few_atoms_names_the_entry_and_both_numbers(xyz, engine):
    with pytest.raises(TooFewAtomsError, match=r"1abc: 500 atoms .* 1024 mixture components"):
        fit_mixture(xyz[:500], components=1024, name="1abc", fit=MixtureFit(engine=engine))


def test_rejects_coordinates_that_are_not_finite(xyz):
    broken = xyz.copy()
    broken[7, 1] = np.nan
    with pytest.raises(ValueError, match="1abc: coordinates are not finite"):
        fit_mixture(broken, components=8, name="1abc")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_fit_that_did_not_converge_warns_with_the_entry(xyz, engine):
    with pytest.warns(UserWarning, match="1abc: the mixture had not converged after 2 iterations"):
        mixture = fit_mixture(
            xyz, components=20, name="1abc", fit=MixtureFit(engine=engine, tolerance=1e-9, max_iterations=2)
        )
    assert not mixture.converged
    assert mixture.iterations == 2


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("atoms", [COMPONENTS, COMPONENTS + 1])
def test_hardly_more_atoms_than_components(xyz, engine, atoms):
    xyz = xyz[:: len(xyz) // atoms][:atoms]
    mixture = fit_mixture(xyz, components=COMPONENTS, fit=MixtureFit(engine=engine))
    assert np.isfinite(mixture.means).all()
    assert cKDTree(xyz).query(mixture.means)[0].max() < 3  # (Å) no mean far from all atoms
    assert len(np.unique(mixture.assignment)) >= COMPONENTS - 1


@pytest.mark.parametrize("places", [1, 2, COMPONENTS - 1])
def test_atoms_in_fewer_places_than_components_are_refused(xyz, places):
    with pytest.raises(TooFewAtomsError, match=f"1abc: 600 atoms in only {places} distinct places"):
        fit_mixture(np.resize(xyz[:places], xyz.shape), components=COMPONENTS, name="1abc")


@pytest.mark.parametrize("engine", ENGINES)
def test_clusters_far_apart_are_refused(xyz, engine):
    both = np.concatenate([xyz, xyz + np.float32(1e5)])
    with pytest.raises(DegenerateCloudError, match="clumps far apart"):
        to_cloud(
            fit_mixture(both, components=COMPONENTS, fit=MixtureFit(engine=engine)), np.repeat(["A", "B"], len(xyz))
        )


def test_cloud_takes_chains_by_majority():
    means = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [11.0, 0.0, 0.0], [0.0, 20.0, 0.0]])
    assignment = np.array([0, 0, 0, 1, 1, 3, 3, 3])  # component 2 is no atom's first choice
    mixture = Mixture(means, np.eye(3), assignment, -1.0, 3, True)
    cloud = to_cloud(mixture, np.array(["A", "A", "B", "B", "B", "B", "C", "C"]))
    assert cloud.chain.tolist() == ["A", "B", "B", "C"]
    np.testing.assert_allclose(cloud.to_angstrom(), means, atol=1e-5)
    np.testing.assert_array_equal(cloud.covariance, np.eye(3))


@pytest.mark.parametrize("engine", ENGINES)
def test_two_separate_chains_keep_their_points(xyz, engine):
    both = np.concatenate([xyz, xyz + np.float32(200)])
    chain = np.repeat(["A", "B"], len(xyz))
    cloud = to_cloud(fit_mixture(both, components=40, fit=MixtureFit(engine=engine)), chain)
    nearest = cKDTree(both).query(cloud.to_angstrom())[1]
    assert cloud.chain.tolist() == chain[nearest].tolist()
    assert set(cloud.chain) == {"A", "B"}


@needs_mirror
def test_real_entry_coarse_grains_quickly():
    from pointprior.structures.archive import locate
    from pointprior.structures.atoms import read_atoms

    atoms = read_atoms(locate("5a32", MIRRORS))
    mixture = fit_mixture(atoms.xyz, components=1024, name="5a32", fit=MixtureFit(engine="neighbours"))
    # scikit-learn: -10.341 ± 0.004 over seeds (benchmarks/coarse_grain.py)
    assert mixture.log_likelihood > -10.37
    assert 3 < to_cloud(mixture, atoms.chain).spacing() < 5
