"""Refinement of poses: closed forms of its step, what it leaves alone, and that it heals in every method."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.poses import Poses, frame, rotations
from pointprior.reconstruction import dps, plug_and_play
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.plug_and_play import fit_measurements
from pointprior.reconstruction.poses import PoseRefinement, composed, matched, matched_energy, pose_step
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.poses import PoseErrors

FREE = PoseErrors(angle=60.0, shift=1.0)  # hardly held
GENERATOR = np.random.default_rng(0)
POINTS = GENERATOR.normal(size=(80, 3)) * [0.4, 0.3, 0.2]


def step(seen, residual, errors=FREE, precision=1e8, turn=(0, 0, 0), shift=(0, 0)):
    weights, given = np.full(len(seen), precision), errors.of("projection")
    return pose_step(seen, residual, weights, turn=np.array(turn, float), shift=np.array(shift, float), errors=given)


def test_a_shift_is_the_mean_residual():
    """Points on the axis of view that see no rotation: only their mean displacement is left to explain."""
    seen = np.array([[0.3, 0, 0], [-0.3, 0, 0], [0, 0.2, 0], [0, -0.2, 0]])
    solved = step(seen, np.tile([0.02, -0.05], (4, 1)))
    np.testing.assert_allclose(solved, [0, 0, 0, 0.02, -0.05], atol=1e-8)


def test_a_turn_in_the_plane_has_procrustes_angle():
    """Small angles: Σ p × r / Σ |p|², the tangent that 2D Procrustes gives."""
    seen = POINTS - POINTS.mean(axis=0)
    seen[:, 2] = 0  # flat: tilts move nothing to first order
    angle = 1e-4
    turned = seen @ Rotation.from_rotvec([0, 0, angle]).as_matrix()
    solved = step(seen, (turned - seen)[:, :2])
    np.testing.assert_allclose(solved[2], angle, rtol=1e-4)
    np.testing.assert_allclose(solved[[0, 1, 3, 4]], 0, atol=1e-8)


def test_the_given_pose_is_weighed_as_a_prior():
    """One number, one unknown: the shift is r n/v / (n/v + 1/s²), the ridge estimate."""
    errors = PoseErrors(angle=0.0, shift=0.1)
    solved = step(POINTS, np.tile([0.3, 0.0], (80, 1)), errors=errors, precision=2.0)
    np.testing.assert_allclose(solved, [0, 0, 0, 0.3 * 160 / (160 + 100), 0], atol=1e-12)


def test_a_correction_so_far_is_pulled_back_where_nothing_is_seen():
    turn, shift = np.array([0.1, -0.2, 0.05]), np.array([0.03, 0.01])
    solved = step(POINTS, np.zeros((80, 2)), precision=0.0, turn=turn, shift=shift)
    np.testing.assert_allclose(solved, [*-turn, *-shift], atol=1e-12)


@pytest.mark.parametrize(
    ("errors", "held"), [(PoseErrors(shift=0.1), slice(0, 3)), (PoseErrors(angle=5.0), slice(3, 5))]
)
def test_what_is_held_stays(errors, held):
    solved = step(POINTS, GENERATOR.normal(size=(80, 2)), errors=errors)
    assert not solved[held].any()
    assert solved.any()


def test_a_body_that_is_seen_whole_turns_about_every_axis():
    """Small motions of points that are known in 3D: the least-squares pose is the motion itself."""
    turn, shift = np.array([2e-4, -1e-4, 3e-4]), np.array([0.02, -0.05, 0.01])
    moved = POINTS @ Rotation.from_rotvec(turn).as_matrix() + shift
    given = PoseErrors(homologue_angle=60.0, homologue_shift=1.0).of("homologue")
    start = {"turn": np.zeros(3), "shift": np.zeros(3)}
    solved = pose_step(POINTS, moved - POINTS, np.full(80, 1e8), errors=given, **start)
    np.testing.assert_allclose(solved, [*turn, *shift], atol=2e-7)


def test_a_turn_followed_by_another_acts_on_rows():
    one, other = np.array([0.3, -0.1, 0.2]), np.array([-0.05, 0.2, 0.1])
    both = rotations(composed(one, other)[None])[0]
    np.testing.assert_allclose(POINTS @ rotations(one[None])[0] @ rotations(other[None])[0], POINTS @ both)


def observed(turns, shifts):
    """Projections of the points, told poses that differ from the true ones by turns and shifts."""
    true = Rotation.random(len(turns), rng=np.random.default_rng(1)).as_matrix()
    items = []
    for rotation, turn, shift in zip(true, turns, shifts, strict=True):
        told = rotation @ Rotation.from_rotvec(turn).as_matrix().T
        items.append(Observation.projection((POINTS @ rotation)[:, :2] + shift, told))
    return Observations.combine(items, points=80), true


TURNS = np.radians([[2, -1, 3], [-2, 2, 0.5], [0, -3, 1]])
SHIFTS = np.array([[0.02, 0], [0, -0.01], [0.01, 0.01]])


def test_true_poses_are_found_beside_the_true_cloud():
    """Matching and step in turn end at the turns and shifts that the poses lack, as if nothing held them."""
    told, true = observed(TURNS, SHIFTS)
    energy, x = Energy(told), torch.from_numpy(np.stack([POINTS, POINTS]))
    refinement = PoseRefinement.of(energy, FREE, 2)
    for draw in range(8):
        matched(energy, x, refinement, draw=draw, duals=None, uncertainty=0.0)
    for s in range(2):
        believed = np.stack([frame(o) for o in told]) @ rotations(refinement.poses.turns[s])
        np.testing.assert_allclose(believed, true, atol=2e-3)
        np.testing.assert_allclose(refinement.poses.shifts[s], np.pad(SHIFTS, ((0, 0), (0, 1))), atol=1e-3)
    assert energy.reported(x, poses=refinement.poses).max() < 1e-6
    assert energy.reported(x).min() > 1e-5


def test_the_energy_after_a_step_is_that_of_its_pairs_and_no_higher():
    told, _ = observed(TURNS, SHIFTS)
    energy, x = Energy(told), torch.from_numpy(POINTS[None])
    refinement = PoseRefinement.of(energy, FREE, 1)
    after = matched_energy(energy, x, refinement, draw=0, duals=None, uncertainty=0.0)
    assert after.item() < energy(x).item()
    matched_again = energy(x, poses=refinement.poses)
    assert matched_again.item() <= after.item() + 1e-9  # a new matching is at least as good


@pytest.mark.parametrize(("independent", "times"), [(80, 1), (8, 10)])
def test_errors_that_points_have_in_common_do_not_average_out(independent, times):
    """The ridge estimate of a shift: 80 points weigh as many as are independent, where the cloud is uncertain."""
    told, _ = observed(np.zeros((1, 3)), np.array([[0.05, 0.0]]))
    energy, x = Energy(told), torch.from_numpy(POINTS[None])
    refinement = PoseRefinement.of(energy, PoseErrors(shift=0.1), 1, independent=independent)
    matched(energy, x, refinement, draw=0, duals=None, uncertainty=0.3)
    precision = 80 / (energy.variance(told.items[0]) + times * 0.3**2)
    shift = refinement.poses.shifts[0, 0]
    np.testing.assert_allclose(shift, [0.05 * precision / (precision + 0.1**-2), 0, 0], atol=1e-6)


def test_no_corrections_are_the_poses_as_given():
    told, _ = observed(TURNS, SHIFTS)
    energy, x = Energy(told), torch.from_numpy(POINTS[None] + 0.01)
    assert energy(x, poses=Poses.as_given(1, 3)).item() == pytest.approx(energy(x).item(), rel=1e-6)


@pytest.mark.parametrize("pairing", ["exact", "unbalanced", "entropic"])
def test_every_pairing_sees_the_corrected_poses(pairing):
    told, _ = observed(TURNS, SHIFTS)
    right = Poses(TURNS[None].copy(), np.pad(SHIFTS, ((0, 0), (0, 1)))[None])
    energy, x = Energy(told, likelihood=Likelihood(pairing=pairing)), torch.from_numpy(POINTS[None])
    for paired, k in zip(energy.matched(x, poses=right), range(3), strict=True):
        seen = POINTS @ paired.views[0]
        assert np.abs(seen - paired.wanted[0]).mean() < 0.03
        np.testing.assert_allclose(paired.views, right.views(k, paired.observation))


def test_samples_refine_their_own_poses_in_any_batch():
    told, _ = observed(TURNS, SHIFTS)
    energy = Energy(told)
    x = torch.from_numpy(np.stack([POINTS, POINTS + 0.05 * GENERATOR.normal(size=POINTS.shape)]))
    together, apart = PoseRefinement.of(energy, FREE, 2), PoseRefinement.of(energy, FREE, 2)
    matched(energy, x, together, draw=0, duals=None, uncertainty=0.0)
    for s in range(2):
        matched(energy, x[s : s + 1], apart.begun(range(s, s + 1)), draw=0, duals=None, uncertainty=0.0)
    np.testing.assert_array_equal(together.poses.turns, apart.poses.turns)
    assert np.abs(together.poses.turns[0] - together.poses.turns[1]).max() > 1e-4


def test_a_batch_that_begins_again_begins_from_its_start():
    told, _ = observed(TURNS, SHIFTS)
    start = Poses(0.5 * TURNS[None], np.pad(SHIFTS, ((0, 0), (0, 1)))[None])
    refinement = PoseRefinement.of(Energy(told), FREE, 1, initial=start)
    refinement.begun(range(1)).poses.turns[:] = 7
    np.testing.assert_array_equal(refinement.begun(range(1)).poses.turns, 0.5 * TURNS[None])


def test_only_what_may_be_wrong_is_refined():
    low, part = Observation.low_resolution(POINTS[::8]), Observation.subunit(POINTS[:20])
    known = Observation.homologue(POINTS, deviation=0.05)
    told = Observations.combine([*observed(TURNS, SHIFTS)[0], low, part, known], points=80)
    images, homologue = range(3), (5,)
    for errors, free in ((FREE, images), (PoseErrors(homologue_angle=5.0, homologue_shift=0.1), homologue)):
        refinement = PoseRefinement.of(Energy(told), errors, 1)
        x = torch.from_numpy(POINTS[None] + [0.01, 0.02, 0.03])
        matched(Energy(told), x, refinement, draw=0, duals=None, uncertainty=0.0)
        for k in range(6):
            assert refinement.poses.turns[0, k].any() == (k in free)
            assert refinement.poses.shifts[0, k].any() == (k in free)
        assert not refinement.poses.shifts[0, :3, 2].any()  # an image has no depth


def test_a_homologue_is_moved_to_the_cloud():
    """Turned and shifted by known amounts, and said to deviate by little: its corrections take it back."""
    turn, shift = np.radians([4.0, -6.0, 5.0]), np.array([0.03, -0.02, 0.01])
    lies = (POINTS - shift) @ Rotation.from_rotvec(turn).as_matrix()
    told = Observations.combine([Observation.homologue(lies, deviation=1e-3)], points=80)
    refinement = PoseRefinement.of(Energy(told), PoseErrors(homologue_angle=20.0, homologue_shift=0.2), 1)
    x = torch.from_numpy(POINTS[None])
    for draw in range(20):
        matched(Energy(told), x, refinement, draw=draw, duals=None, uncertainty=0.0)
    (paired,) = Energy(told).matched(x, poses=refinement.poses)
    np.testing.assert_allclose(POINTS @ paired.views[0], paired.wanted[0], atol=2e-3)
    assert Energy(told).reported(x).item() > 1e-4


def test_a_homologue_that_deviates_holds_its_pose_less_than_one_that_does_not():
    """One shift, nothing else free: the ridge estimate, with deviations that neighbours have in common."""
    for deviation in (0.01, 0.2):
        told = Observations.combine([Observation.homologue(POINTS - [0.02, 0, 0], deviation=deviation)], points=80)
        energy, errors = Energy(told), PoseErrors(homologue_shift=0.05)
        refinement = PoseRefinement.of(energy, errors, 1, independent=20)
        matched(energy, torch.from_numpy(POINTS[None]), refinement, draw=0, duals=None, uncertainty=0.0)
        precision = 80 / (energy.variance(told.items[0]) + 4 * deviation**2)
        moved = -0.02 * precision / (precision + 0.05**-2)
        np.testing.assert_allclose(refinement.poses.shifts[0, 0], [moved, 0, 0], atol=1e-6)


def test_held_poses_need_no_refinement():
    told, _ = observed(TURNS, SHIFTS)
    assert PoseRefinement.of(Energy(told), PoseErrors(), 1) is None
    found = maximise_likelihood(Energy(told), key=(0,), samples=1, points=80, steps=2)
    assert found.poses is None


def denoise(x, t):
    """The true points in a little noise: a prior that is certain."""
    return torch.from_numpy(POINTS).to(x) + 1e-3 * x


def by_maximum_likelihood(energy, errors):
    return maximise_likelihood(energy, key=(0,), samples=2, points=80, steps=20, learning_rate=0.1, pose_errors=errors)


def by_dps(energy, errors):
    guidance = {"schedule": Schedule(6), "guidance": Guidance(1e-3)}
    return dps.sample(denoise, energy, **guidance, key=(0,), samples=2, points=80, pose_errors=errors)


def by_plug_and_play(energy, errors):
    settings = plug_and_play.Settings(steps=4, initial=None, t_max=1.0)
    options = {"key": (0,), "samples": 2, "points": 80, "sigma_data": 0.4, "pose_errors": errors}
    return plug_and_play.sample_plug_and_play(denoise, energy, settings, **options)


@pytest.mark.parametrize("method", [by_maximum_likelihood, by_dps, by_plug_and_play])
def test_methods_return_the_poses_that_their_energy_is_reported_at(method):
    told, _ = observed(TURNS, SHIFTS)
    energy = Energy(told)
    found = method(energy, PoseErrors(angle=5.0, shift=0.05))
    models = torch.from_numpy(found.points).double()
    np.testing.assert_allclose(found.energy, energy.reported(models, poses=found.poses), rtol=1e-6)
    assert found.poses.turns.all()
    assert (energy.reported(models).numpy() > 1.2 * found.energy).all()  # they would not fit as given
    assert method(energy, PoseErrors()).poses is None


@pytest.mark.parametrize("method", [by_dps, by_plug_and_play])
def test_samplers_find_the_poses_beside_a_certain_prior(method):
    told, true = observed(TURNS, SHIFTS)
    found = method(Energy(told), PoseErrors(angle=5.0, shift=0.05))
    believed = np.stack([frame(o) for o in told]) @ rotations(found.poses.turns[0])
    apart = Rotation.from_matrix(np.swapaxes(true, 1, 2) @ believed).magnitude()
    assert (apart < 0.5 * np.linalg.norm(TURNS, axis=1)).all()


def test_the_closed_form_fit_uses_the_corrected_views():
    told, _ = observed(TURNS, np.zeros((3, 2)))
    energy, errors = Energy(told), PoseErrors(angle=60.0)
    refinement = PoseRefinement.of(energy, errors, 1)
    near = POINTS[None] + 1e-3 * GENERATOR.normal(size=POINTS.shape)
    fitted = fit_measurements(near, energy, uncertainty=0.05, sigma=1e-4, rounds=6, refinement=refinement)
    held = fit_measurements(near, energy, uncertainty=0.05, sigma=1e-4, rounds=6)
    left = energy.reported(torch.from_numpy(fitted), poses=refinement.poses).item()
    assert left < 0.1 * energy.reported(torch.from_numpy(held)).item()


def test_refined_poses_are_kept_with_the_models(tmp_path):
    poses = Poses(GENERATOR.normal(size=(2, 3, 3)), GENERATOR.normal(size=(2, 3, 3)))
    Reconstruction(np.zeros((2, 4, 3), np.float32), np.zeros(2), 1, 0.1, poses).save(tmp_path / "a.npz")
    read = Reconstruction.load(tmp_path / "a.npz").poses
    np.testing.assert_array_equal(read.turns, poses.turns)
    np.testing.assert_array_equal(read.shifts, poses.shifts)
    Reconstruction(np.zeros((2, 4, 3), np.float32), np.zeros(2), 1, 0.1).save(tmp_path / "b.npz")
    assert Reconstruction.load(tmp_path / "b.npz").poses is None


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="angle must be at most 60"):
        PoseErrors(angle=90.0)
    with pytest.raises(ValueError, match="shift must be at least 0"):
        PoseErrors(shift=-1.0)
    with pytest.raises(ValueError, match="homologue_angle must be at most 60"):
        PoseErrors(homologue_angle=61.0)
