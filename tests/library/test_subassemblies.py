"""Connected parts of complexes, and shards of training structures that lend them."""

import gzip

import gemmi
import numpy as np
import pytest

from pointprior.priors.packing import pack
from pointprior.priors.training.plan import Packing
from pointprior.structures.recipes import CloudRecipe, MixtureFit
from pointprior.structures.shards import Shard, coarse_grain_shard
from pointprior.structures.subassemblies import chains_in_contact, draw_part


@pytest.fixture(scope="module")
def row_of_chains():
    """Five balls of 40 atoms in a row, 14 Å from centre to centre: each touches the next alone."""
    generator = np.random.default_rng(0)
    ball = generator.normal(size=(5, 40, 3))
    ball *= 5 * generator.uniform(0.3, 1, (5, 40, 1)) / np.linalg.norm(ball, axis=-1, keepdims=True)
    ball[:, :, 0] += 14 * np.arange(5)[:, None]
    return ball.reshape(-1, 3), np.repeat(list("ABCDE"), 40)


def test_neighbours_are_in_contact(row_of_chains):
    touching = chains_in_contact(*row_of_chains)
    assert touching == {"A": {"B"}, "B": {"A", "C"}, "C": {"B", "D"}, "D": {"C", "E"}, "E": {"D"}}


def test_parts_are_connected_and_neither_tiny_nor_whole(row_of_chains):
    xyz, chain = row_of_chains
    seen = set()
    for seed in range(60):
        part = draw_part(xyz, chain, least=60, generator=np.random.default_rng(seed))
        names = "".join(np.unique(chain[part]))
        assert names in "ABCDE"  # neighbours in the row
        assert 2 <= len(names) <= 3
        assert (np.isin(chain, list(names)) == part).all()  # whole chains
        seen.add(names)
    assert seen == {"AB", "BC", "CD", "DE", "ABC", "BCD", "CDE"}


def test_no_part_where_there_is_none(row_of_chains):
    xyz, chain = row_of_chains
    assert draw_part(xyz[:40], chain[:40], least=10, generator=np.random.default_rng(0)) is None  # one chain
    assert draw_part(xyz, chain, least=160, generator=np.random.default_rng(0)) is None  # too few atoms
    apart = xyz + 100 * (chain == "E")[:, None]
    lone = np.isin(chain, ["A", "E"])
    # two chains out of contact: one of them is half of the whole
    part = draw_part(apart[lone], chain[lone], least=10, generator=np.random.default_rng(0))
    assert len(np.unique(chain[lone][part])) == 1


@pytest.fixture(scope="module")
def mirror(row_of_chains, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mirror")
    for entry, count in (("1row", 5), ("1one", 1)):
        structure, model = gemmi.Structure(), gemmi.Model(1)
        structure.name = entry.upper()
        for name in "ABCDE"[:count]:
            part = gemmi.Chain(name)
            for number, position in enumerate(row_of_chains[0][row_of_chains[1] == name], start=1):
                residue, atom = gemmi.Residue(), gemmi.Atom()
                residue.name, residue.seqid, atom.name = "ALA", gemmi.SeqId(number, " "), "CA"
                atom.element, atom.pos = gemmi.Element("C"), gemmi.Position(*position)
                residue.add_atom(atom)
                part.add_residue(residue)
            model.add_chain(part)
        structure.add_model(model)
        structure.setup_entities()
        path = folder / f"structures/divided/mmCIF/{entry[1:3]}/{entry}.cif.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(structure.make_mmcif_document().as_string().encode()))
    return folder


def shard(mirror, folder, parts, **changes):
    recipe = CloudRecipe(components=32, sub_assemblies=parts, fit=MixtureFit(engine="neighbours"), **changes)
    return coarse_grain_shard(["1row", "1one"], recipe, keep=folder, mirrors=[str(mirror)], download=False)


def test_structures_lend_their_parts(mirror, tmp_path):
    whole, more = shard(mirror, tmp_path / "a", 0), shard(mirror, tmp_path / "b", 2)
    assert whole.entries.tolist() == ["1row", "1one"]
    assert more.entries.tolist() == ["1row", "1row/part1", "1row/part2", "1one"]  # one chain lends nothing
    np.testing.assert_array_equal(more.points[[0, 3]], whole.points)  # parts change nothing of the structures
    np.testing.assert_array_equal(more.points, shard(mirror, tmp_path / "c", 2).points)
    assert not np.array_equal(more.points, shard(mirror, tmp_path / "d", 2, seed=1).points)
    lengths = np.ptp(more.points[:3], axis=1).max(axis=1)
    np.testing.assert_allclose(lengths, 2, atol=0.2)  # each fills its own cube


def test_further_fits_are_other_arrangements_of_the_same_shape(mirror, tmp_path):
    one, three = shard(mirror, tmp_path / "a", 0), shard(mirror, tmp_path / "b", 1, fits=3)
    named = ["1row", "1row/fit1", "1row/fit2", "1row/part1", "1one", "1one/fit1", "1one/fit2"]
    assert three.entries.tolist() == named
    np.testing.assert_array_equal(three.points[[0, 4]], one.points)
    np.testing.assert_array_equal(three.points[[1, 5]], shard(mirror, tmp_path / "c", 0, seed=1).points)
    assert len(np.unique(three.points, axis=0)) == len(named)
    for fit in three.points[1:3]:
        spread = np.linalg.norm(fit[:, None] - three.points[0], axis=-1).min(axis=1)
        assert 0 < np.median(spread) < 0.1  # of a length of 2


def test_parts_and_further_fits_train_but_do_not_validate(mirror, tmp_path):
    drawn = shard(mirror, tmp_path, 1, fits=2)
    learns, _ = pack([drawn], {"1row": "x", "1one": "y"}, Packing(0.0, 0))
    assert learns.entries.tolist() == drawn.entries.tolist()
    assert learns.groups.tolist() == [0, 0, 0, 1, 1]
    validates, _ = pack([drawn], {"1row": "c", "1one": "d"}, Packing(0.0, 2))
    assert validates.entries.tolist() == ["1row", "1one"]
    assert validates.held_out.all()
    lost = Shard(drawn.entries, drawn.points, {"1bad": "no atoms"})
    with pytest.raises(RuntimeError, match="1 of 3 training structures failed"):  # further clouds do not count
        pack([lost], {"1row": "x", "1one": "y"}, Packing(0.3, 0))
