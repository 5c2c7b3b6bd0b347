"""Tables 1 and 2: closed forms of what they condense."""

import numpy as np
import pandas as pd
import pytest

from pointprior.scoring.paper_tables import table1, table2, time_steps, with_experiment

PLACES = {"chairs/p5": "row 1", "mixed/p4": "row 3"}


def score_rows(dataset="chairs", **columns):
    """Two shapes, two samples of each: CD 0.1, 0.2, 0.3, 0.4; EMD a half, E a hundredth of that."""
    chamfer = np.array([0.1, 0.2, 0.3, 0.4])
    rows = {"structure": np.repeat([f"{dataset}/{shape}" for shape in "ab"], 2), "task": "p5"}
    rows |= {"method": "dps", "sample": [0, 1, 0, 1], "chamfer": chamfer, "emd": chamfer / 2, "energy": chamfer / 100}
    return pd.DataFrame(rows | {"nfe": 79, "seconds": 3.0} | columns)


def test_means_and_deviations_are_over_all_samples_in_the_papers_units():
    (row,) = table1(score_rows(), PLACES).to_dict("records")
    deviation = np.sqrt((0.15**2 + 0.05**2) * 2 / 3)  # about 0.25, of four values
    assert row["place"] == "row 1"
    assert (row["experiment"], row["method"]) == ("chairs/p5", "dps")
    assert (row["instances"], row["samples"], row["nfe"], row["seconds"]) == (2, 4, 79, 3)
    assert row["chamfer_mean"] == pytest.approx(25)
    assert row["chamfer_sd"] == pytest.approx(100 * deviation)
    assert row["emd_mean"] == pytest.approx(12.5)
    assert row["emd_sd"] == pytest.approx(50 * deviation)
    assert row["energy_mean"] == pytest.approx(2.5)
    assert row["energy_sd"] == pytest.approx(10 * deviation)


def test_rows_stand_in_the_papers_order_and_other_tasks_last():
    parts = [
        score_rows(dataset="other", task="p9"),
        score_rows(dataset="mixed", task="p4", method="ml"),
        score_rows(dataset="mixed", task="p4"),
        score_rows(method="ml"),
        score_rows(),
    ]
    table = table1(pd.concat(parts), PLACES)
    assert table["place"].tolist() == ["row 1", "row 1", "row 3", "row 3", ""]
    assert table["method"].tolist() == ["dps", "ml", "dps", "ml", "dps"]
    assert table["experiment"].iloc[-1] == "other/p9"


def test_a_task_of_two_data_sets_is_two_rows():
    table = table1(pd.concat([score_rows(), score_rows(dataset="mixed", chamfer=0.9)]), {})
    assert table["chamfer_mean"].tolist() == pytest.approx([25, 90])


def test_integrators_stand_in_the_given_order():
    scores = pd.concat([score_rows(variant=v, nfe=nfe) for v, nfe in (("heun", 79), ("B", 79), ("A", 80))])
    table = table2(scores, ["A", "B", "C", "heun"])
    assert table["variant"].tolist() == ["A", "B", "heun"]
    assert table["nfe"].tolist() == [80, 79, 79]
    assert table["chamfer_mean"].tolist() == pytest.approx([25] * 3)


def test_steps_are_read_from_the_variants():
    scores = time_steps(score_rows(variant="steps40"))
    assert scores["steps"].tolist() == [40] * 4
    assert scores["experiment"].unique().tolist() == ["chairs/p5"]


def test_molecules_have_no_data_set_in_their_name():
    assert with_experiment(score_rows(structure="6ryr"))["experiment"].unique().tolist() == ["p5"]
