"""Jobs of seconds load no package that takes as long: torch is for those who need it."""

import ast
import subprocess
import sys

from conftest import ROOT

NEED_TORCH = {
    *("own/compare_own_readings", "own/reconstruct_own", "own/report_own"),
    *("priors/refine_prior", "priors/sample_prior", "priors/train_prior"),
    *("reconstruction/copy_control", "reconstruction/reconstruct", "reconstruction/sample_and_score"),
    "scoring/score_reconstruction",
}


def imports(script: str) -> str:
    """The import statements at the top of a script."""
    statements = ast.parse((ROOT / f"scripts/{script}.py").read_text()).body
    return "\n".join(ast.unparse(node) for node in statements if isinstance(node, ast.Import | ast.ImportFrom))


def loads(package: str, code: str) -> bool:
    """Whether a fresh Python has a package after running code."""
    program = f"import sys\n{code}\nprint({package!r} in sys.modules)"
    places = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'scripts'}"}
    done = subprocess.run([sys.executable, "-c", program], env=places, capture_output=True, text=True, check=True)
    return done.stdout.strip() == "True"


def scripts() -> list[str]:
    return [str(path.relative_to(ROOT / "scripts").with_suffix("")) for path in (ROOT / "scripts").glob("*/*.py")]


def test_scripts_without_samplers_or_energies_do_not_load_torch():
    light = sorted(set(scripts()) - NEED_TORCH)
    assert len(light) > 20
    assert not loads("torch", "\n".join(map(imports, light)))


def test_the_others_do():
    assert set(scripts()) >= NEED_TORCH
    assert loads("torch", imports("scoring/score_reconstruction"))


def test_plots_of_tables_load_nothing_for_beads():
    drawn = "from pointprior.output import figures\nfigures.plot_task, figures.plot_calibration, figures.save"
    assert loads("matplotlib", drawn)
    assert not loads("numba", drawn)
    assert not loads("scipy", drawn)
