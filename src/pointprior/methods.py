"""The methods that are compared: what they are called, how they are drawn, and where their code is.

A method is one entry here and one module. Rules, its section and choices of the configuration, tables and figures
follow from these.

The module has a frozen dataclass `Settings` with the method's defaults, meanings and ranges (see
`pointprior.runtime.settings`), and a function ``reconstruct(problem: Problem, settings: Settings) -> Reconstruction``
(see `pointprior.reconstruction.problem`). Controls that are made from the truth, or from samples of the prior, have no
module. A workflow reads the `Settings` whenever it plans; a module that is slow to import has them in another.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, Literal

Dash = Literal["-"] | tuple[int, tuple[float | int, ...]]
Role = Literal["sampler", "baseline", "control"]


@dataclass(frozen=True)
class Method:
    """A method, as tables and figures know it.

    Attributes
    ----------
    name : str
        Name in files, tables and the configuration.
    label, short : str
        Names in legends, and where there is little room.
    colour : str
        Colour in every figure; methods differ in lightness, dash and marker too, not in hue alone.
    dash : str or tuple
        Matplotlib's line style.
    marker : str
        Matplotlib's marker.
    role : str
        "sampler" (uses the measurements and a prior), "baseline" (the measurements alone) or "control".
    by_default : bool
        Whether a configuration that names no methods compares it.
    holds_points : bool
        Whether a point that no target pulls stays near the others, by a regulariser or by where the method begins.
        Where it does not, all points are matched (no `Likelihood.outliers`): those left out go astray and stay so.
    module : str or None
        The module with its code; None for controls that are made from the truth or from samples of the prior.
    settings : str or None
        Where its `Settings` are, if there is a quicker place to read them from than the module.
    """

    name: str
    label: str
    short: str
    colour: str
    dash: Dash
    marker: str
    role: Role
    module: str | None = None
    settings: str | None = None
    by_default: bool = True
    holds_points: bool = False

    @property
    def needs_prior(self) -> bool:
        """Whether it evaluates a denoiser, and so is faster on a GPU."""
        return self.role == "sampler"

    def load(self) -> ModuleType:
        """Its module, imported when it is needed."""
        if self.module is None:
            raise ValueError(f"{self.name} is a control without code of its own")
        return import_module(self.module)

    def load_settings(self) -> type:
        """The class of its settings, without its module where these are elsewhere."""
        return (self.load() if self.settings is None else import_module(self.settings)).Settings


_ROOM = "pointprior.reconstruction"


def _ours(name: str) -> dict[str, Any]:
    """Places of a method's code and of its settings."""
    return {"module": f"{_ROOM}.{name}", "settings": f"{_ROOM}.settings.{name}"}


_ENTRIES = (
    Method("dps", "DPS", "DPS", "#E08214", (0, (5, 2)), "o", "sampler", **_ours("dps")),
    Method(
        "pnp",
        "plug-and-play",
        "PnP",
        "#1B7F5F",
        (0, (3, 1, 1, 1)),
        "^",
        "sampler",
        **_ours("plug_and_play"),
        holds_points=True,
    ),
    Method(
        "dps_adam", "DPS, Adam", "Adam", "#C2A03E", (0, (5, 1)), "p", "sampler", **_ours("dps_adam"), by_default=False
    ),
    Method("daps", "DAPS", "DAPS", "#5AAE61", (0, (4, 1, 1, 1)), "<", "sampler", **_ours("daps"), by_default=False),
    Method(
        "gg_langevin",
        "guided Langevin",
        "GGL",
        "#8C6BB1",
        (0, (1, 2)),
        ">",
        "sampler",
        **_ours("gg_langevin"),
        by_default=False,
        holds_points=True,
    ),
    Method("ml", "ML", "ML", "#A50F15", (0, (2, 1.5)), "D", "baseline", **_ours("maximum_likelihood")),
    Method(
        "ml_regularised",
        "regularised ML",
        "reg. ML",
        "#34508F",
        (0, (1, 1)),
        "s",
        "baseline",
        **_ours("regularised_ml"),
        holds_points=True,
    ),
    Method("prior", "prior alone", "prior", "#9A9A9A", "-", "x", "control"),
    Method("common_lines", "common lines", "lines", "#6E6E6E", "-", "+", "control", **_ours("common_lines")),
    Method("second_fit", "second fit", "2nd fit", "#8C8C8C", "-", "v", "control"),
    Method("truth", "truth", "truth", "#5A5A5A", "-", "_", "control"),
)
METHODS: dict[str, Method] = {method.name: method for method in _ENTRIES}


def names(*roles: Role) -> list[str]:
    """Names of the methods in these roles, in the order of the registry."""
    return [method.name for method in METHODS.values() if method.role in roles]


def default_names() -> list[str]:
    """Names of the methods that are compared where a configuration names none."""
    return [method.name for method in METHODS.values() if method.by_default]


def front_to_back() -> list[str]:
    """All names in the order in which curves cover each other: samplers, the plainest baseline last, controls."""
    return [*names("sampler"), *reversed(names("baseline")), *names("control")]
