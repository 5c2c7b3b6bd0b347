"""The shorter way to the rule that makes a file."""

from types import SimpleNamespace

import pytest
from benchmark.snakemake_patches.planning import _indexed_by_ends, _match
from snakemake.common.prefix_lookup import PrefixLookup


def rule(name: str, *outputs: tuple[str, str]):
    """A rule by the beginnings and ends of its outputs."""
    made = [SimpleNamespace(constant_prefix=lambda a=a: a, constant_suffix=lambda b=b: b) for a, b in outputs]
    return SimpleNamespace(products=lambda: made, __hash__=lambda: 0, name=name)


class Rule:
    """Told apart by identity, as snakemake's are."""

    def __init__(self, name, *outputs):
        self.name, self._rule = name, rule(name, *outputs)

    def products(self):
        return self._rule.products()


RULES = [
    Rule("models", ("results/", "/dps.npz"), ("results/", "/ml.npz")),
    Rule("any_models", ("results/", ".npz")),
    Rule("figures", ("results/figures/", ".png"), ("results/figures/", ".pdf")),
    Rule("folder", ("results/", "")),
    Rule("fixed", ("results/index.html", "")),
    Rule("elsewhere", ("docs/", ".md")),
]


def plainly(file: str) -> set[str]:
    """By snakemake's own lookup."""
    entries = [(p.constant_prefix(), (rule, p.constant_suffix())) for rule in RULES for p in rule.products()]
    found = PrefixLookup(entries=entries).match_iter(file)
    return {rule.name for _, (rule, end) in found if file.endswith(end)}


@pytest.mark.parametrize(
    "file",
    [
        *("results/1abc/t/dps.npz", "results/dps.npz", "results/figures/t.png", "results/index.html", "docs/a.md"),
        *("results/figures/.npz", "results/", "s", "", "elsewhere/dps.npz", "docs/a.npz"),
    ],
)
def test_rules_are_found_by_the_beginnings_and_ends_of_their_outputs(file):
    index = SimpleNamespace()
    _indexed_by_ends(index, RULES)
    assert {rule.name for rule in _match(index, file)} == plainly(file)
