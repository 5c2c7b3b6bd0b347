"""Heavy atoms to pseudo-atoms: a Gaussian mixture whose components share one covariance.

Two engines fit the same model. ``scikit-learn`` is the paper's (`GaussianMixture`, tied). ``neighbours``
is expectation maximisation in which every atom sees only its nearest components: in coordinates
whitened by the shared covariance the others' responsibilities vanish, so that an iteration costs a
k-d tree query instead of a dense (atoms x components) table. Both run their numerical libraries on one
thread: sums in another order would make the points depend on the number of cores.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from scipy.spatial import cKDTree
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from pointprior.clouds import PointCloud
from pointprior.structures.recipes import MixtureFit

NEIGHBOURS = 16  # components that an atom sees; the others together weigh less than the tolerance
SEEDING_ATOMS = 32  # per component at most, drawn at random: more cost k-means++ time and improve nothing
DRAWN = 24  # points of each component that stand for its atoms
REGULARISATION = 1e-6  # added to the covariance's diagonal (in Å²), scikit-learn's default


class TooFewAtomsError(ValueError):
    """A structure has atoms in fewer places than the mixture has components."""


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture of K Gaussians with a shared covariance.

    Attributes
    ----------
    means : ndarray, shape=(K, 3)
        Component means (in Å).
    covariance : ndarray, shape=(3, 3)
        Shared covariance (in Å²).
    assignment : ndarray, shape=(n,), dtype=int
        Most responsible component of every atom.
    log_likelihood : float
        Mean log-density of an atom (in nats, coordinates in Å).
    iterations : int
        EM iterations done.
    converged : bool
        Whether the log-likelihood changed by less than the tolerance in the last iteration.
    """

    means: Float[np.ndarray, "K 3"]
    covariance: Float[np.ndarray, "3 3"]
    assignment: Int[np.ndarray, " n"]
    log_likelihood: float
    iterations: int
    converged: bool


def fit_mixture(
    xyz: Float[np.ndarray, "n 3"],
    *,
    components: int = 1024,  # K
    fit: MixtureFit = MixtureFit(),
    seed: int = 0,  # of the k-means start
    name: str = "structure",  # what messages call these atoms
) -> Mixture:
    """Fit a Gaussian mixture with a shared ("tied") covariance to coordinates (in Å).

    Raises
    ------
    TooFewAtomsError
        If there are fewer atoms, or fewer distinct places of atoms, than components.
    """
    if len(xyz) < components:
        raise TooFewAtomsError(
            f"{name}: {len(xyz)} atoms are too few for {components} mixture components; "
            "use fewer components, or the biological assembly if that is larger"
        )
    if not np.isfinite(xyz).all():
        raise ValueError(f"{name}: coordinates are not finite")
    distinct = len(np.unique(xyz, axis=0))
    if distinct < components:
        raise TooFewAtomsError(
            f"{name}: {len(xyz)} atoms in only {distinct} distinct places are too few for {components} mixture "
            "components; the file repeats its coordinates"
        )
    fitted = _fit_scikit_learn if fit.engine == "scikit-learn" else _fit_neighbours
    with threadpool_limits(1):
        mixture = fitted(np.asarray(xyz, dtype=np.float64), components, seed, fit.tolerance, fit.max_iterations)
    if not mixture.converged:
        warnings.warn(
            f"{name}: the mixture had not converged after {mixture.iterations} iterations "
            f"(log-likelihood {mixture.log_likelihood:.4f})",
            stacklevel=2,
        )
    return mixture


def to_cloud(mixture: Mixture, atom_chain: Shaped[np.ndarray, " n"]) -> PointCloud:
    """Turn a mixture into a cloud whose points carry the chain that most of their atoms belong to."""
    names, index = np.unique(atom_chain, return_inverse=True)
    votes = np.zeros((len(mixture.means), len(names)))
    np.add.at(votes, (mixture.assignment, index), 1)
    # a component that is no atom's first choice takes the chain of the component nearest to it
    filled = np.flatnonzero(votes.any(axis=1))
    nearest = filled[cKDTree(mixture.means[filled]).query(mixture.means)[1]]
    chain = names[votes[nearest].argmax(axis=1)]
    return PointCloud.from_coordinates(mixture.means, covariance=mixture.covariance, chain=chain)


def refit(
    cloud: PointCloud, generator: np.random.Generator, chosen: Bool[np.ndarray, " N"] | None = None
) -> Float[np.ndarray, "L 3"]:
    """Means (in units of the cube) of another fit, with as many components, to the density of all or some of a cloud.

    DRAWN points of each component stand for its atoms.
    """
    draws = [cloud.draw(generator)[slice(None) if chosen is None else chosen] for _ in range(DRAWN)]
    return _again(cloud, generator, cloud.to_angstrom(np.concatenate(draws)), len(draws[0]))


def second_fit(
    cloud: PointCloud, generator: np.random.Generator, xyz: Float[np.ndarray, "n 3"] | None = None
) -> PointCloud:
    """Another fit of a structure in the frame of the first: to its atoms (in Å) if given, else to its density."""
    points = refit(cloud, generator) if xyz is None else _again(cloud, generator, xyz, len(cloud.points))
    return replace(cloud, points=points, chain=np.full(len(points), ""))


def _again(cloud, generator, xyz, components):
    seed = int(generator.integers(2**31))
    mixture = fit_mixture(xyz, components=components, fit=MixtureFit(engine="neighbours"), seed=seed, name="second fit")
    return ((mixture.means - cloud.center) / cloud.scale).astype(np.float32)


def _fit_scikit_learn(xyz, components, seed, tolerance, max_iterations) -> Mixture:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    model = GaussianMixture(
        components, covariance_type="tied", random_state=seed, tol=tolerance, max_iter=max_iterations
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # `fit_mixture` says it with the name
        assignment = model.fit_predict(xyz)
    return Mixture(
        model.means_, model.covariances_, assignment, float(model.score(xyz)), model.n_iter_, bool(model.converged_)
    )


def _fit_neighbours(xyz, components, seed, tolerance, max_iterations, neighbours=NEIGHBOURS) -> Mixture:
    offset = xyz.mean(axis=0)
    xyz = xyz - offset  # the covariance is a difference of second moments: keep those small
    scatter = xyz.T @ xyz / len(xyz)
    means, nearest = _k_means(xyz, components, np.random.default_rng(seed))
    nearest, responsibility = nearest[:, None], np.ones((len(xyz), 1))  # the hard assignment starts the soft one
    log_likelihood, converged, iteration = -np.inf, False, 0
    while iteration < max_iterations and not converged:
        iteration += 1
        # M-step: weights, means, and the covariance as total scatter minus that of the means
        mass, means = _centroids(xyz, nearest, responsibility, means)
        weights = (mass + 10 * np.finfo(float).eps) / mass.sum()
        covariance = scatter - (means.T * weights) @ means + REGULARISATION * np.eye(3)
        # E-step among the nearest components in whitened coordinates, where the mixture is isotropic
        cholesky = np.linalg.cholesky(covariance)
        whiten = np.linalg.inv(cholesky).T
        ranks = np.arange(1, min(neighbours, components) + 1)
        distance, nearest = cKDTree(means @ whiten).query(xyz @ whiten, k=ranks)
        log_joint = np.log(weights)[nearest] - distance**2 / 2
        log_norm = logsumexp(log_joint, axis=1)
        responsibility = np.exp(log_joint - log_norm[:, None])
        previous = log_likelihood
        log_likelihood = float(log_norm.mean() - np.log(np.diag(cholesky)).sum() - 1.5 * np.log(2 * np.pi))
        converged = abs(log_likelihood - previous) < tolerance
    assignment = np.take_along_axis(nearest, responsibility.argmax(axis=1)[:, None], axis=1)[:, 0]
    return Mixture(means + offset, covariance, assignment, log_likelihood, iteration, converged)


def _k_means(xyz, components, generator, iterations=30):
    """Start of EM: k-means++ (greedy, as scikit-learn's mixture starts), then exact Lloyd iterations."""
    from sklearn.cluster import kmeans_plusplus

    sample = generator.choice(len(xyz), min(len(xyz), SEEDING_ATOMS * components), replace=False)
    means, _ = kmeans_plusplus(xyz[sample], components, random_state=int(generator.integers(2**31)))
    nearest = np.zeros(len(xyz), dtype=np.int64)
    for _ in range(iterations):
        previous = nearest
        distance, nearest = cKDTree(means).query(xyz)
        if np.array_equal(nearest, previous):
            break
        mass, means = _centroids(xyz, nearest[:, None], np.ones((len(xyz), 1)), means)
        empty = np.flatnonzero(mass == 0)
        means[empty] = xyz[np.argsort(distance)[len(xyz) - len(empty) :]]  # to the worst represented atoms
    return means, nearest


def _centroids(xyz, nearest, responsibility, means):
    """Mass and centroid of every component; one without mass stays where `means` has it."""
    mass = np.bincount(nearest.ravel(), responsibility.ravel(), len(means))
    sums = [np.bincount(nearest.ravel(), (responsibility * xyz[:, d : d + 1]).ravel(), len(means)) for d in range(3)]
    filled = mass > 10 * np.finfo(float).eps
    return mass, np.where(filled[:, None], np.stack(sums, axis=1) / np.where(filled, mass, 1)[:, None], means)
