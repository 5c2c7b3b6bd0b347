"""Terms that the page explains where they stand, and how its words mark them."""

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

from pointprior.methods import Method

TERMS = {
    "RMSD": "Root-mean-square distance of a model's points to the true ones under the optimal one-to-one matching, "
    "after superposition (Å).",
    "CD": "Chamfer distance: the sum of both mean distances to the nearest point of the other cloud.",
    "EMD": "Earth mover's distance: the mean distance of points under the optimal one-to-one matching.",
    "energy": "Mean squared deviation of a model from the measurements. The truth's own is the least to be expected.",
    "projection": "What an image shows: the points as seen along one direction, without their depth.",
    "prior": "A diffusion model of what structures look like, learnt from others.",
    "sample": "One model that fits the measurements and looks like a structure; its differences from others are what "
    "the data leave open.",
    "medoid": "The sample that is nearest to all others.",
    "mean map": "Density of all samples together; its surface holds nine tenths of their points.",
    "spread": "How far a point moves from sample to sample: the root-mean-square fluctuation around its mean.",
    "error": "Distance of the samples' mean from the true point that it is matched to.",
    "calibrated": "The spread of the samples is as large as their error: the truth is as good as one more sample.",
    "contraction": "Share of a point's variance that measuring removed: 1 − (spread with / without measurements)². "
    "Near 1 the data decided where it is, near 0 the prior did.",
    "spacing": "Median distance of a point to its nearest neighbour in the true model.",
    "resolution": "Twice the point spacing: nothing finer is claimed of a model.",
    "hand": "Left and right hand are mirror images. A model is mirrored if its mirror image is nearer to the truth.",
    "control": "No competitor: it shows what a score means.",
    "bounds": "Scores of two controls: a second fit is as good as a model can be, the prior alone as good as one "
    "without data.",
    "p": "Two-sided p-value of Wilcoxon's signed-rank test on the structures' mean errors.",
    "q": "The p-value adjusted for all comparisons of this page that use the same score: those of molecules (RMSD) and "
    "those of shapes (EMD) apart (Benjamini and Hochberg).",
}

METHODS = {
    "dps": "Diffusion posterior sampling: the prior turns noise into a model step by step, and the measurements guide "
    "each step.",
    "pnp": "By turns the prior denoises a model and the measurements correct it; noise is added in between.",
    "dps_adam": "DPS, its guidance scaled by the moments of the optimiser Adam.",
    "daps": "Decoupled annealing posterior sampling: at each noise level, denoise, move towards the measurements, and "
    "add noise anew.",
    "gg_langevin": "Add noise, remove half of it by the prior, and step towards the measurements.",
    "ml": "Maximum likelihood: points that fit the measurements best, from random starts, without a prior.",
    "ml_regularised": "Maximum likelihood that keeps neighbouring points at plausible distances, without a prior.",
    "prior": "The control that ignores the measurements: samples of the prior. No method with data should be worse.",
    "common_lines": "The control that reads off pairs of projections what they determine by themselves.",
    "second_fit": "The control that fits the same structure a second time: no model can be expected to be nearer.",
    "truth": "The control that is the true points themselves.",
}

_MARK = re.compile(r"\[([^]|]+)(?:\|([^]]+))?\]")


def glossary(methods: Iterable[Method]) -> dict[str, str]:
    """Meanings of the terms, and of the methods by their labels, as far as they have one."""
    return TERMS | {method.label: METHODS[method.name] for method in methods if method.name in METHODS}


def term(name: str, shown: str = "") -> Markup:
    """A term that is explained where the pointer or the keyboard is."""
    return Markup('<span class="term" tabindex="0" data-term="{}">{}</span>').format(name, shown or name)


def marked(text: str) -> Markup:
    """Words in which ``[term]``, or ``[term|as it is written here]``, is explained.

    Examples
    --------
    >>> print(marked("x < [p|p value]"))
    x &lt; <span class="term" tabindex="0" data-term="p">p value</span>
    """
    parts, end = [], 0
    for found in _MARK.finditer(text):
        parts += [escape(text[end : found.start()]), term(found[1], found[2] or "")]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
