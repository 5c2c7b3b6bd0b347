"""A procedural model: the description of a category and the objects that it generates."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace

from pointprior.shapes.procedural.mesh import Mesh
from pointprior.shapes.procedural.parameters import Parameter


@dataclass(frozen=True)
class ProceduralModel:
    """How the objects of a category are made.

    Attributes
    ----------
    name : str
        The category's, as in `shapes.categories`.
    parts : tuple of str
        Names of the parts.
    first_label : int
        Label of the first part; the others follow. Numbers are those that the archive gives the category's parts.
    parameters : tuple of Parameter
        What an object of the category is described by.
    build : callable
        Makes the parts' meshes from drawn parameters: pairs of a part's name and a mesh.
    """

    name: str
    parts: tuple[str, ...]
    first_label: int
    parameters: tuple[Parameter, ...]
    build: Callable[[SimpleNamespace], Iterable[tuple[str, Mesh]]]

    def label(self, part: str) -> int:
        """Number of a part."""
        return self.first_label + self.parts.index(part)
