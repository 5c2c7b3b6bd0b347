"""Pseudo-atom models, read back."""

import os
from dataclasses import replace

import gemmi
import numpy as np
import pytest

from pointprior.clouds import PointCloud
from pointprior.output.frames import FRAMES
from pointprior.output.models import b_factor, write_models
from pointprior.scoring.ensembles import match_to_medoid


@pytest.fixture
def cloud():
    generator = np.random.default_rng(0)
    xyz = generator.normal(size=(60, 3)).astype(np.float32) * 25 + np.float32([120, -40, 8])
    return PointCloud.from_coordinates(xyz, chain=np.array(["A", "B", "LONG1"])[np.arange(60) % 3])


@pytest.fixture
def samples(cloud):
    """Four samples whose points are jittered, more so at large x, and shuffled."""
    generator = np.random.default_rng(1)
    jitter = generator.normal(size=(4, 60, 3)) * np.where(cloud.points[:, :1] > 0, 0.02, 0.002)
    shuffled = [(cloud.points + j)[generator.permutation(60)] for j in jitter]
    return np.stack(shuffled).astype(np.float32)


def write(path, samples, cloud):
    ensemble = match_to_medoid(cloud.to_angstrom(samples))
    write_models(path, ensemble, cloud, entry="9xyz", method="dps", title="9xyz from three projections")


def models_of(structure):
    """Coordinates (models, points, 3) in the order of the residue numbers, and B of the first model."""
    atoms = [sorted(model.all(), key=lambda cra: cra.residue.seqid.num) for model in structure]
    xyz = np.array([[cra.atom.pos.tolist() for cra in model] for model in atoms])
    return xyz, np.array([cra.atom.b_iso for cra in atoms[0]])


def test_matching_restores_shuffled_points():
    generator = np.random.default_rng(2)
    truth = generator.uniform(-1, 1, size=(50, 3))
    order = [generator.permutation(50) for _ in range(3)]
    ensemble = match_to_medoid(np.stack([truth[o] for o in order]))
    assert np.array_equal(ensemble.points, np.stack([truth[order[ensemble.medoid]]] * 3))
    np.testing.assert_allclose(ensemble.rmsf, 0, atol=1e-12)


def test_medoid_is_the_central_sample():
    points = np.random.default_rng(3).normal(size=(30, 3))
    ensemble = match_to_medoid(np.stack([points + shift for shift in (0.2, 0.1, 0.0)]))
    assert ensemble.medoid == 1
    np.testing.assert_allclose(ensemble.rmsf, np.sqrt(3 * (0.01 + 0 + 0.01) / 3), atol=1e-12)


@pytest.mark.parametrize("suffix", [".cif", ".pdb"])
def test_models_are_read_back_in_the_deposits_frame(tmp_path, cloud, samples, suffix):
    path = tmp_path / f"dps{suffix}"
    write(path, samples, cloud)
    structure = gemmi.read_structure(os.fspath(path))
    xyz, b = models_of(structure)
    assert xyz.shape == (4, 60, 3)
    assert [model.num for model in structure] == [1, 2, 3, 4]
    ensemble = match_to_medoid(cloud.to_angstrom(samples))
    np.testing.assert_allclose(xyz, ensemble.points, atol=1e-3)
    for model, sample in zip(xyz, cloud.to_angstrom(samples), strict=True):  # the sample itself, its points reordered
        np.testing.assert_allclose(np.sort(model, axis=0), np.sort(sample, axis=0), atol=1e-3)
    np.testing.assert_allclose(b, b_factor(ensemble.rmsf), atol=0.01)
    residues = [residue for chain in structure[0] for residue in chain]
    assert {residue.name for residue in residues} == {"UNX"}
    assert {residue.het_flag for residue in residues} == {"H"}
    assert {cra.atom.occ for cra in structure[0].all()} == {1.0}


def test_points_keep_the_chains_of_the_deposit(tmp_path, cloud):
    shuffle = np.random.default_rng(4).permutation(60)
    write(tmp_path / "truth.cif", cloud.points[None, shuffle], cloud)
    structure = gemmi.read_structure(os.fspath(tmp_path / "truth.cif"))
    written = {cra.residue.seqid.num - 1: cra.chain.name for cra in structure[0].all()}
    assert [written[j] for j in range(60)] == cloud.chain[shuffle].tolist()


def test_points_without_chains_make_one_chain(tmp_path, cloud):
    bare = PointCloud.from_coordinates(cloud.to_angstrom())
    write(tmp_path / "dps.pdb", bare.points[None], bare)
    assert [chain.name for chain in gemmi.read_structure(os.fspath(tmp_path / "dps.pdb"))[0]] == ["A"]


def test_pdb_files_rename_long_chains_and_say_so(tmp_path, cloud):
    write(tmp_path / "truth.pdb", cloud.points[None], cloud)
    structure = gemmi.read_structure(os.fspath(tmp_path / "truth.pdb"))
    written = {cra.residue.seqid.num - 1: cra.chain.name for cra in structure[0].all()}
    assert [written[j] for j in range(60)] == ["A", "B", "C"] * 20
    assert "Chain C is LONG1 of the deposit." in (tmp_path / "truth.pdb").read_text()


def test_many_chains_still_have_their_names(tmp_path):
    xyz = np.random.default_rng(6).normal(size=(70, 3)).astype(np.float32) * 30
    many = PointCloud.from_coordinates(xyz, chain=np.array([f"A{j}" for j in range(70)]))
    write(tmp_path / "truth.pdb", many.points[None], many)
    assert len(gemmi.read_structure(os.fspath(tmp_path / "truth.pdb"))[0]) == 70


def test_b_factor_is_capped_in_pdb_files_only(tmp_path, cloud):
    generator = np.random.default_rng(5)
    wild = (cloud.points + generator.normal(size=(6, 60, 3)) * 0.4).astype(np.float32)
    for suffix in (".cif", ".pdb"):
        write(tmp_path / f"prior{suffix}", wild, cloud)
    _, b_cif = models_of(gemmi.read_structure(os.fspath(tmp_path / "prior.cif")))
    _, b_pdb = models_of(gemmi.read_structure(os.fspath(tmp_path / "prior.pdb")))
    assert b_cif.max() > 999
    np.testing.assert_allclose(b_pdb, np.minimum(b_cif, 999), atol=0.01)


@pytest.mark.parametrize("suffix", [".cif", ".pdb"])
def test_files_say_what_they_hold(tmp_path, cloud, samples, suffix):
    path = tmp_path / f"dps{suffix}"
    write(path, samples, cloud)
    text = " ".join(path.read_text().replace("REMARK   6", "").split())
    assert "Pseudo-atoms (60 points), not C-alphas" in text
    assert f"Point spacing {cloud.spacing():.1f} A" in text
    assert "9xyz from three projections".upper() in text.upper()
    if suffix == ".cif":
        block = gemmi.cif.read(os.fspath(path)).sole_block()
        assert block.find_value("_struct.title").strip("'") == "9xyz from three projections"
        assert "not C-alphas" in block.find(["_pdbx_database_remark.text"])[0].str(0)


@pytest.mark.parametrize("suffix", [".cif", ".pdb"])
def test_models_of_shapes_are_in_hundredths_of_the_archives_unit(tmp_path, samples, cloud, suffix):
    """A shape's size is about 1, so that coordinates to three decimals and B factors to two would tell little."""
    shape = replace(cloud, center=np.array([0.1, 0.2, -0.3]), scale=0.25, chain=np.full(60, ""))
    frame, path = FRAMES["archive"], tmp_path / f"dps{suffix}"
    magnified = frame.magnified(shape)
    ensemble = match_to_medoid(magnified.to_angstrom(samples))
    title = "shapenet_chair/03001627_" + "0123456789abcdef" * 2 + " reconstructed by dps"
    write_models(path, ensemble, magnified, entry=title.split()[0], method="dps", title=title, frame=frame)
    xyz, b = models_of(gemmi.read_structure(os.fspath(path)))
    in_units = match_to_medoid(shape.to_angstrom(samples))
    np.testing.assert_allclose(xyz / 100, in_units.points, atol=1e-5)
    np.testing.assert_allclose(b / 100**2, b_factor(in_units.rmsf), atol=1e-6)
    text = " ".join(path.read_text().replace("REMARK   6", "").split())
    assert f"Point spacing {100 * shape.spacing():.1f} unit/100" in text
    assert "frame of the archive (unit/100)" in text
    assert "deposit" not in text


def test_the_deposits_frame_is_the_clouds_own(cloud):
    unchanged = FRAMES["deposit"].magnified(cloud)
    np.testing.assert_array_equal(unchanged.to_angstrom(), cloud.to_angstrom())
    assert FRAMES["deposit"].unit == "A"


def test_the_same_samples_give_the_same_file(tmp_path, cloud, samples):
    write(tmp_path / "a.cif", samples, cloud)
    write(tmp_path / "b.cif", samples, cloud)
    assert (tmp_path / "a.cif").read_bytes() == (tmp_path / "b.cif").read_bytes()


def test_other_suffixes_are_refused(tmp_path, cloud, samples):
    with pytest.raises(ValueError, match=r"\.cif or \.pdb"):
        write(tmp_path / "dps.xyz", samples, cloud)
    assert list(tmp_path.iterdir()) == []
