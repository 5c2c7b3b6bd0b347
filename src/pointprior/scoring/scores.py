"""Every score of a set of reconstructions against the cloud they should be."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.scoring.alignment import scale_to_gyration
from pointprior.scoring.density import density_agreement
from pointprior.scoring.metrics import chamfer, emd, rmsd_atomic, rmsd_matched
from pointprior.scoring.superposition import Superposition, superpose
from pointprior.structures.atoms import Atoms

ATOMIC = ("rmsd_atomic", "rmsd_atomic_excess", "density_correlation", "density_resolution")
MIRROR = np.array([-1.0, 1.0, 1.0])  # x -> -x: the other hand


def score(
    points: Float[np.ndarray, "S N 3"],
    cloud: PointCloud,
    atoms: Atoms | None = None,
    *,
    alignment: Superposition = "kernel_correlation",
) -> pd.DataFrame:
    """Score models against the true cloud and, where there are any, the true atoms.

    Parameters
    ----------
    points : ndarray, shape=(S, N, 3)
        Models in the units of `cloud` (the cube [-1, 1]³); N is the number of points of the cloud.
    cloud : PointCloud
        The truth.
    atoms : Atoms, optional
        Heavy atoms that the cloud was made from, in the same frame.
    alignment : str
        How a model is superposed: "kernel_correlation" or "cpd" (coherent point drift).

    Returns
    -------
    DataFrame
        One row per sample. RMSDs are taken in Å after scaling the model to the truth's radius of gyration and
        superposing the two (`rmsd_cg_unaligned`: scaled and centred only; `rmsd_cg_mirrored`: of the model's mirror
        image, superposed by a proper motion, which is smaller where the model has the wrong hand); `chamfer` and
        `emd` are of the models as they are, in cube units. `spacing` is the truth's, `resolution` twice that, both
        in Å. `atoms` counts the heavy atoms. What is measured against them is missing without: `rmsd_atomic`, the same
        less that of the truth (`rmsd_atomic_excess`), and the agreement of the two densities at that resolution
        (`density_correlation` and `density_resolution`, see `density_agreement`).

    Raises
    ------
    ValueError
        If a model has no extent, is not finite or has another number of points than the cloud; the message
        says which sample.
    """
    rows, floor = [], np.nan if atoms is None else rmsd_atomic(atoms.xyz, cloud.to_angstrom())
    for sample, model in enumerate(points):
        try:
            rows.append({"sample": sample, **_score_one(model, cloud, atoms, floor, alignment)})
        except ValueError as problem:
            raise ValueError(f"sample {sample}: {problem}") from problem
    count = pd.array([pd.NA if atoms is None else len(atoms.xyz)] * len(rows), dtype="Int64")
    return pd.DataFrame(rows).assign(spacing=cloud.spacing(), resolution=cloud.resolution(), atoms=count)


def _score_one(
    model: Float[np.ndarray, "N 3"], cloud: PointCloud, atoms: Atoms | None, floor: float, alignment: Superposition
) -> dict[str, float]:
    truth = cloud.to_angstrom()
    scaled, factor = scale_to_gyration(cloud.to_angstrom(model), truth)
    pose = superpose(scaled, truth, alignment)
    aligned = pose.apply(scaled)
    centre = truth.mean(axis=0)
    mirrored = (scaled - centre) * MIRROR + centre
    return _against_atoms(aligned, cloud, atoms, floor) | {
        "rmsd_cg": rmsd_matched(truth, aligned),
        "rmsd_cg_unaligned": rmsd_matched(truth, scaled),
        "rmsd_cg_mirrored": rmsd_matched(truth, superpose(mirrored, truth, alignment).apply(mirrored)),
        "chamfer": chamfer(model, cloud.points),
        "emd": emd(model, cloud.points),
        "scale_factor": factor,
        "rotation_deg": float(np.degrees(Rotation.from_matrix(pose.rotation).magnitude())),
        "kernel_correlation": pose.correlation,
    }


def _against_atoms(
    model: Float[np.ndarray, "N 3"], cloud: PointCloud, atoms: Atoms | None, floor: float
) -> dict[str, float]:
    """Scores of a superposed model (in Å) against the atoms; missing without. The truth's RMSD is the floor."""
    if atoms is None:
        return dict.fromkeys(ATOMIC, np.nan)
    distance = rmsd_atomic(atoms.xyz, model)
    agreement = density_agreement(model, atoms.xyz.astype(np.float64), cloud.resolution())
    return dict(zip(ATOMIC, (distance, distance - floor, *agreement), strict=True))
