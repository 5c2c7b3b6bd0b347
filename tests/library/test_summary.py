"""Tables condensed: means by hand, winners, and the model that stands for all samples."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import wilcoxon

from pointprior.scoring.summary import as_text, summarise, tabulate_entries


def score_rows(structure, method, rmsd, energy, task="p3"):
    """Rows of one entry, one per sample."""
    rmsd = np.asarray(rmsd, dtype=float)
    return pd.DataFrame(
        {
            "structure": structure,
            "task": task,
            "method": method,
            "sample": np.arange(len(rmsd)),
            "rmsd_atomic": rmsd - 1,
            "rmsd_atomic_excess": rmsd - 3,
            "density_correlation": 1 / (1 + rmsd),
            "density_resolution": 2 * rmsd,
            "rmsd_cg": rmsd,
            "rmsd_cg_mirrored": 7.0,
            "chamfer": rmsd / 100,
            "emd": rmsd / 50,
            "energy": energy,
            "energy_truth": 0.002,
            "scale_factor": 1.0,
            "kernel_correlation": 0.9,
            "spacing": 5.0,
            "resolution": 10.0,
            "atoms": 9000,
            "seconds": 3.0 if method == "dps" else 1.0,
        }
    )


def unwrapped(text):
    """Lines of a text whose sentences are not broken."""
    return text.replace("\n    ", " ").splitlines()


@pytest.fixture
def scores() -> pd.DataFrame:
    return pd.concat(
        [
            score_rows("1abc", "dps", [4.0, 5.0, 9.0], [0.3, 0.1, 0.2]),
            score_rows("1abc", "ml", [8.0, 8.0, 8.0], [0.1, 0.2, 0.3]),
            score_rows("2abc", "dps", [6.0, 6.0, 6.0], [0.3, 0.1, 0.2]),
            score_rows("2abc", "ml", [5.0, 5.0, 5.0], [0.1, 0.2, 0.3]),
            score_rows("1abc", "truth", [0.0], [0.002]),
        ],
        ignore_index=True,
    )


def test_summary_by_hand(scores):
    table = summarise(scores).set_index("method")
    dps = table.loc["dps"]
    assert dps["rmsd_cg_mean"] == pytest.approx(6.0)
    assert dps["rmsd_cg_sd"] == pytest.approx(np.std([4, 5, 9, 6, 6, 6], ddof=1))
    assert dps["mirrored"] == pytest.approx(1 / 6)  # 9 Å, mirrored 7 Å
    assert table.loc["ml", "mirrored"] == pytest.approx(1 / 2)
    assert dps["seconds_mean"] == 3
    assert dps["energy_truth_mean"] == pytest.approx(0.002)
    assert dps["resolution_mean"] == 10
    for measure in ("rmsd_atomic", "rmsd_cg", "chamfer", "emd"):
        assert dps[f"{measure}_won"] == 0.5  # 6 < 8, but 6 > 5
        assert np.isnan(table.loc["ml", f"{measure}_won"])
    assert dps["rmsd_cg_p"] == pytest.approx(wilcoxon([-2.0, 1.0]).pvalue)


def test_summary_without_atoms(scores):
    table = summarise(scores.assign(rmsd_atomic=np.nan))
    assert table[["rmsd_atomic_mean", "rmsd_atomic_sd", "rmsd_atomic_won", "rmsd_atomic_p"]].isna().all(axis=None)


def test_text_names_the_winner_and_what_is_resolved(scores):
    text = as_text(summarise(scores))
    assert "p3 (2 structures; resolves 10 Å at best)" in text
    # 6 Å against (3 × 8 + 3 × 5) / 6 = 6.5 Å
    assert "dps against ml: RMSD 8% less, CD 8% less, EMD 8% less; ahead in RMSD in 1 of 2 structures" in text
    assert "best" not in text.replace("at best", "")  # there are no others to choose from


def test_text_fits_a_hundred_columns(scores):
    other = scores.assign(method="ml_regularised", rmsd_cg=scores["rmsd_cg"] + 1)
    text = as_text(summarise(pd.concat([scores, other], ignore_index=True)))
    assert max(map(len, text.splitlines())) <= 100
    assert max(map(len, unwrapped(text))) > 100  # there was something to break


def test_text_compares_the_best_with_the_best(scores):
    better = [
        score_rows("1abc", "pnp", [3.0], [0.1]),
        score_rows("2abc", "pnp", [4.0], [0.1]),
        score_rows("1abc", "ml_regularised", [2.0], [0.1]),
        score_rows("2abc", "ml_regularised", [6.0], [0.1]),
    ]
    table = summarise(pd.concat([scores, *better], ignore_index=True))
    text = as_text(table)
    assert "dps against ml: RMSD 8% less" in text
    assert "dps against ml_regularised: RMSD 50% more" in text  # 6 Å against 4 Å
    (best,) = [line for line in unwrapped(text) if line.endswith("; the best with and without the prior")]
    assert best.strip().startswith("pnp against ml_regularised: RMSD 12% less")  # 3.5 Å against 4 Å
    assert "ahead in RMSD in 1 of 2 structures" in best
    pnp = table.set_index("method").loc["pnp"]
    assert (pnp["rmsd_cg_won"], pnp["rmsd_cg_won_regularised"]) == (1.0, 0.5)
    assert pnp["rmsd_cg_p_regularised"] == pytest.approx(wilcoxon([1.0, -2.0]).pvalue)


def test_text_compares_with_regularised_likelihood_where_it_is_not_the_best(scores):
    worse = [score_rows("1abc", "ml_regularised", [9.0], [0.1]), score_rows("2abc", "ml_regularised", [6.6], [0.1])]
    lines = unwrapped(as_text(summarise(pd.concat([scores, *worse], ignore_index=True))))
    (said,) = [line for line in lines if "dps against ml_regularised" in line]
    assert "RMSD 23% less" in said  # 6 Å against 7.8 Å
    assert "ahead in RMSD in 2 of 2 structures" in said
    (best,) = [line for line in lines if line.endswith("; the best with and without the prior")]
    assert "dps against ml:" in best


def test_text_without_a_rival_says_so(scores):
    assert "no comparison" in as_text(summarise(scores[scores["method"] != "ml"]))


def test_entries_pick_one_model(scores):
    key = {"structure": "1abc", "task": "p3", "method": "dps"}
    said = {"medoid": 2, "spread": 3.0, "error": 4.0, "error_to_spread": 1.2, "spearman": 0.5}
    calibration = pd.DataFrame([key | said | {"level": level} for level in (0.5, 0.9)])
    table = tabulate_entries(scores, calibration).set_index(["structure", "method"])
    assert len(table) == 5
    row = table.loc["1abc", "dps"]
    assert row[["samples", "atoms", "lowest_energy", "medoid"]].tolist() == [3, 9000, 1, 2]
    assert row[["rmsd_cg_best", "rmsd_cg_lowest_energy", "rmsd_cg_medoid"]].tolist() == [4, 5, 9]
    assert row[["rmsd_atomic_best", "rmsd_atomic_lowest_energy", "rmsd_atomic_medoid"]].tolist() == [3, 4, 8]
    assert row[["rmsd_cg_mean", "spread", "error_to_spread"]].tolist() == [6, 3, 1.2]
    assert row["mirrored"] == pytest.approx(1 / 3)
    # no calibration of that one: no medoid; a single sample is its own
    assert table.loc["2abc", "dps"][["medoid", "rmsd_cg_medoid", "spread"]].isna().all()
    assert table.loc["1abc", "truth"][["medoid", "rmsd_cg_medoid", "lowest_energy"]].tolist() == [0, 0, 0]


def test_entries_without_calibration_energies_or_atoms(scores):
    bare = scores[scores["method"] != "truth"].assign(energy=np.nan, atoms=np.nan)
    table = tabulate_entries(bare)
    assert table[["lowest_energy", "medoid", "rmsd_cg_lowest_energy", "rmsd_cg_medoid", "atoms"]].isna().all(axis=None)
    assert "spread" not in table.columns
    assert table["rmsd_cg_best"].tolist() == [4, 8, 6, 5]


def test_entries_survive_a_file(scores, tmp_path):
    tabulate_entries(scores).to_csv(tmp_path / "entries.csv", index=False)
    again = pd.read_csv(tmp_path / "entries.csv")
    assert again["lowest_energy"].tolist() == tabulate_entries(scores)["lowest_energy"].tolist()


def test_the_floor_is_the_second_fits(scores):
    fits = pd.concat([score_rows("1abc", "second_fit", [3.0], [0.1]), score_rows("2abc", "second_fit", [2.5], [0.1])])
    table = tabulate_entries(pd.concat([scores, fits])).set_index(["structure", "method"])
    assert table.loc["1abc", "rmsd_cg_floor"].tolist() == [3.0] * 4
    assert table.loc["2abc", "rmsd_cg_floor"].tolist() == [2.5] * 3
    assert tabulate_entries(scores)["rmsd_cg_floor"].isna().all()


def test_densities_are_averaged_too(scores):
    table = summarise(scores).set_index("method")
    assert table.loc["ml", "density_resolution_mean"] == pytest.approx(13.0)  # of 8, 8, 8, 5, 5, 5 Å, doubled
    assert table.loc["ml", "rmsd_atomic_excess_mean"] == pytest.approx(3.5)
