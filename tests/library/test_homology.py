"""Relatives by sequence: closed forms, sequences of every kind of file, and known answers on real deposits."""

import gzip

import gemmi
import numpy as np
import pytest
from mirror import MIRRORS, needs_mirror
from structure_files import HEADER, PDB, mmcif

from pointprior.cli import main
from pointprior.structures.archive import EntryIdError
from pointprior.structures.deposits import parse
from pointprior.structures.homology import (
    Protein,
    Similarity,
    find_related,
    listed_entries,
    proteins,
    read_proteins,
    related,
    similarity,
)
from pointprior.structures.seeds import ALPHABET, Seeds

UBIQUITIN = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG"
# yeast SUMO, of the same fold, but too far to tell from the sequence
SMT3 = "INLKVSDGSSEIFFKIKKTTPLRRLMEAFAKRQGKEMDSLRFLYDGIRIQADQTPEDLDMEDNDIIEAHREQIGG"


def random_sequence(seed: int, length: int) -> str:
    return "".join(np.random.default_rng(seed).choice(list(ALPHABET[:20]), length))


def mutated(sequence: str, kept: float, seed: int) -> str:
    """The sequence with a share of its residues kept, the others all replaced by another one."""
    generator = np.random.default_rng(seed)
    letters = list(sequence)
    for place in generator.permutation(len(letters))[round(kept * len(letters)) :]:
        letters[place] = generator.choice([letter for letter in ALPHABET[:20] if letter != letters[place]])
    return "".join(letters)


def chain_rows(sequence: str, chain: str) -> str:
    """Alpha carbons of a chain, as rows of `structure_files.mmcif`."""
    three = dict(zip("ACDEFGHIKLMNPQRSTVWY", THREE_LETTERS, strict=True)) | {"m": "MSE", "X": "UNK"}
    return "".join(
        f"C CA . {three[letter]} {chain} 1 {number} ? {number}.0 1.00 {number} {chain} 1\n"
        for number, letter in enumerate(sequence, start=1)
    )


THREE_LETTERS = gemmi.expand_one_letter_sequence("ACDEFGHIKLMNPQRSTVWY", gemmi.ResidueKind.AA)


def deposit_of(rows: str, header: str = HEADER):
    return parse(mmcif(rows, header).encode(), "test.cif")


def test_similarity_in_closed_form():
    assert similarity(UBIQUITIN, UBIQUITIN) == Similarity(1.0, 1.0, 76)
    # half of it within a longer sequence: everything of the shorter one is aligned
    assert similarity(UBIQUITIN[:38], random_sequence(0, 50) + UBIQUITIN) == Similarity(1.0, 1.0, 38)
    # two domains in common of four
    one, two, three = (random_sequence(seed, 100) for seed in (1, 2, 3))
    found = similarity(one + two, one + three)
    assert found.identity > 0.95
    assert found.coverage == pytest.approx(0.5, abs=0.06)  # chance adds some pairs at the border


def test_similarity_does_not_depend_on_the_order():
    first = random_sequence(0, 150)
    second = random_sequence(1, 40) + mutated(first[20:], 0.6, 0)
    assert similarity(first, second) == similarity(second, first)


def test_gaps_are_bridged_and_not_counted_as_pairs():
    sequence = random_sequence(4, 120)
    assert similarity(sequence, sequence[:60] + sequence[65:]) == Similarity(1.0, 1.0, 115)


def test_identity_is_the_share_that_was_kept():
    sequence = random_sequence(0, 400)
    for kept in (0.9, 0.7, 0.5):
        found = similarity(sequence, mutated(sequence, kept, 0))
        assert found.identity == pytest.approx(kept, abs=0.03)
        assert found.coverage > 0.9


def test_chance_is_no_relation():
    """Unrelated sequences, and relatives too far to tell, are not taken for related, however short or long."""
    assert similarity(UBIQUITIN, SMT3) is None
    for seed in range(100):
        lengths = np.random.default_rng(seed).integers(20, 800, 2)
        assert similarity(random_sequence(seed, lengths[0]), random_sequence(seed + 1000, lengths[1])) is None


def test_proteins_of_atoms():
    """Modified residues as their parents, unknown ones as X, equal chains together, short peptides left out."""
    sequence = "m" + UBIQUITIN[1:40] + "X"
    rows = chain_rows(sequence, "A") + chain_rows(UBIQUITIN[:15], "B") + chain_rows(sequence, "C")
    (protein,) = proteins(deposit_of(rows))
    assert protein == Protein("9xyz", "A C", "Proteasome subunit alpha", UBIQUITIN[:40] + "X")


def test_deposited_sequence_is_preferred_to_that_of_the_atoms():
    """A loop without coordinates is part of the protein."""
    loop = "loop_\n_entity_poly_seq.entity_id\n_entity_poly_seq.num\n_entity_poly_seq.mon_id\n"
    three = dict(zip("ACDEFGHIKLMNPQRSTVWY", THREE_LETTERS, strict=True))
    loop += "".join(f"1 {n} {three[letter]}\n" for n, letter in enumerate(UBIQUITIN, start=1))
    (protein,) = proteins(deposit_of(chain_rows(UBIQUITIN[:30], "A"), HEADER + loop))
    assert protein.sequence == UBIQUITIN


def test_nucleic_acids_are_left_out():
    rows = "".join(f"P P . {'AUGC'[n % 4]} A 1 {n} ? {n}.0 1.00 {n} A 1\n" for n in range(1, 60))
    assert proteins(deposit_of(rows)) == []


def test_pdb_format_is_read_too():
    assert proteins(parse(PDB.encode(), "test.pdb")) == []  # its chains are of two residues
    lines = "".join(
        f"ATOM  {n:5d}  CA  {THREE_LETTERS[n % 20]} A{n:4d}    {n:8.3f}   2.000   3.000  1.00 20.00           C\n"
        for n in range(1, 31)
    )
    (protein,) = proteins(parse((PDB.splitlines()[0] + "\n" + lines + "END\n").encode(), "test.pdb"))
    assert protein.sequence == "".join("ACDEFGHIKLMNPQRSTVWY"[n % 20] for n in range(1, 31))


def test_related_finds_relatives_only_and_the_most_similar_proteins():
    one, two = random_sequence(0, 300), random_sequence(1, 300)
    known = [
        Protein("1fam", "A B", "relative", mutated(one, 0.6, 0)),
        Protein("1fam", "C", "closer relative", mutated(one, 0.8, 1)),
        Protein("2far", "A", "stranger", random_sequence(2, 300)),
        Protein("1two", "A", "of the other", mutated(two, 0.5, 2)),
    ]
    asked = [Protein("9tst", "X", "one", one), Protein("9tst", "Y", "two", two)]
    table = related(known, asked)
    assert table[["entry", "test_entry", "chains", "test_chains"]].to_numpy().tolist() == [
        ["1fam", "9tst", "C", "X"],
        ["1two", "9tst", "A", "Y"],
    ]
    assert table["identity"].tolist() == pytest.approx([0.8, 0.5], abs=0.03)
    assert table["entity"].tolist() == ["closer relative", "of the other"]
    assert related(known, asked, identity=0.7)["entry"].tolist() == ["1fam"]
    assert related(known[2:3], asked).empty
    assert related([], asked).empty


def test_coverage_decides():
    domain = random_sequence(0, 100)
    known = [Protein("1dom", "A", "", random_sequence(1, 200) + domain)]
    asked = [Protein("9tst", "A", "", domain + random_sequence(2, 200))]
    assert related(known, asked).empty
    assert related(known, asked, coverage=0.3)["entry"].tolist() == ["1dom"]


def test_fullest_band_is_the_count_that_it_says():
    """Against a loop over all pairs of words."""
    sequences = [mutated(UBIQUITIN, 0.6, 0), "", "MK", SMT3, UBIQUITIN[30:] + UBIQUITIN[:30], 60 * "A"]
    words = [[sequence[i : i + 3] for i in range(len(sequence) - 2)] for sequence in sequences]
    asked = [UBIQUITIN[i : i + 3] for i in range(len(UBIQUITIN) - 2)]
    expected = []
    for theirs in words:
        hits = [j - i + len(asked) for i, word in enumerate(asked) for j, other in enumerate(theirs) if word == other]
        bands = [(hit + shift) // 32 + 1000 * shift for shift in (0, 16) for hit in hits]
        expected.append(max(map(bands.count, bands), default=0))
    assert Seeds(sequences).fullest_band(UBIQUITIN).tolist() == expected
    assert Seeds([]).fullest_band(UBIQUITIN).tolist() == []


def test_seeds_keep_relatives_and_drop_most_strangers():
    strangers = [random_sequence(seed, 300) for seed in range(200)]
    sequence = random_sequence(1000, 300)
    relatives = [mutated(sequence, 0.5, seed) for seed in range(20)]
    found = Seeds(strangers + relatives).candidates(sequence)
    assert set(range(200, 220)) <= set(found.tolist())
    assert len(found) < 120


def test_lists_of_entries(tmp_path):
    listed = tmp_path / "list.tsv"
    listed.write_text("# a comment\nentry\tcluster\n1AON\tx\n\n6fvt\ty  # why\n")
    assert listed_entries(["1oel", str(listed), "1aon"]) == ["1oel", "1aon", "6fvt"]
    listed.write_text("1aon\nnone\n")
    with pytest.raises(EntryIdError, match=r"list\.tsv: 'none' is no PDB entry id"):
        listed_entries([str(listed)])


def test_command_writes_the_table(tmp_path, capsys):
    for entry in ("1tst", "2tst"):
        path = tmp_path / f"structures/divided/mmCIF/{entry[1:3]}/{entry}.cif.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = mmcif(chain_rows(UBIQUITIN, "A")).replace("9XYZ", entry.upper())
        path.write_bytes(gzip.compress(text.encode()))
    output = tmp_path / "related.csv"
    arguments = ["related", "--train", "1tst", "--test", "2tst", "--mirror", str(tmp_path), "--no-download"]
    assert main([*arguments, "-o", str(output)]) == 0
    assert capsys.readouterr().out == f"{output}: 1 of 1 training entries are related to a test entry\n"
    assert main(arguments) == 0
    assert capsys.readouterr().out == output.read_text()
    row = "1tst,2tst,1.000,1.000,76,A,A,Proteasome subunit alpha,Proteasome subunit alpha\n"
    assert output.read_text().splitlines(keepends=True)[1] == row


@needs_mirror
@pytest.mark.parametrize(
    ("entry", "test_entry", "identity"),
    [
        ("1oel", "1aon", 0.99),  # GroEL, alone and with GroES
        ("4pj1", "1aon", 0.51),  # the human mitochondrial chaperonin
        ("1g0u", "1fnt", 1.0),  # the yeast proteasome; both are traces of alpha carbons
        ("1g0u", "3j9i", 0.43),  # and the archaeal one
        ("3sn6", "6e3y", 1.0),  # a G protein with its nanobody
        ("13pk", "1aon", None),  # phosphoglycerate kinase
        ("19hc", "3j9i", None),
    ],
)
def test_known_relatives_among_real_deposits(entry, test_entry, identity):
    table = find_related([entry], [test_entry], mirrors=MIRRORS, download=False)
    assert table["identity"].round(2).tolist() == ([] if identity is None else [identity])


@needs_mirror
def test_sequences_of_real_deposits():
    """A nucleosome has four histones besides its DNA; GroEL is the same in both deposits."""
    histones = {protein.chains: protein.sequence for protein in read_proteins("1aoi", mirrors=MIRRORS, download=False)}
    assert sorted(histones) == ["A E", "B F", "C G", "D H"]
    assert "KSTELLIRKLPFQRLVREIAQDFKTDLRFQ" in histones["A E"]  # H3
    assert "DNIQGITKPAIRRLARRGGVKRISGLIYEETRGVLKVFL" in histones["B F"]  # H4
    (groel,) = read_proteins("1oel", mirrors=MIRRORS, download=False)
    assert groel.chains == "A B C D E F G"
    assert "KVTLGPKGRNVVLDKSFGAPTITKDGVSVAREIELEDKFENMGAQMVKEVASKANDAAGDGTTTATVLA" in groel.sequence
