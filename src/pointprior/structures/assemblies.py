"""Biological assemblies: copies of chains by operators, and by products of operators."""

import itertools
import logging
import math
import re
from collections import deque
from dataclasses import dataclass

import gemmi
import numpy as np

from pointprior.structures.unpacking import StructureError

MATRIX = [f"matrix[{i}][{j}]" for i in (1, 2, 3) for j in (1, 2, 3)]
VECTOR = [f"vector[{i}]" for i in (1, 2, 3)]
SMALL = {"water", "non-polymer", "branched"}  # types of entities without which an assembly is still one
MOST_COPIES = 10_000  # in one assembly; the largest capsid in the archive has 1,680


@dataclass(frozen=True)
class Recipe:
    """One row of mmCIF's `_pdbx_struct_assembly_gen`: these sub-chains by these operators."""

    assembly: str
    operators: str  # an expression: "1", "1,2", "(1-60)", "(1,2)(3,4)"...
    subchains: list[str]


@dataclass(frozen=True)
class Recipes:
    """What an mmCIF file says of its assemblies.

    Attributes
    ----------
    rows : list of Recipe
        In the order of the file.
    operators : dict of str to gemmi.Transform
        Rotation and translation (in Å) of every operator.
    small : set of str
        Sub-chains whose loss an assembly survives: waters and ligands, and what the file's own list of sub-chains
        does not know.
    """

    rows: list[Recipe]
    operators: dict[str, gemmi.Transform]
    small: set[str]

    @classmethod
    def read(cls, block: gemmi.cif.Block) -> "Recipes":
        """Read the tables of an mmCIF file."""
        table = block.find("_pdbx_struct_assembly_gen.", ["assembly_id", "oper_expression", "asym_id_list"])
        rows = [Recipe(row.str(0), row.str(1), re.findall(r"[^\s,]+", row.str(2))) for row in table]
        operators = block.find("_pdbx_struct_oper_list.", ["id", *MATRIX, *VECTOR])
        return cls(
            rows,
            {row.str(0): _transform(numbers) for row in operators if np.isfinite(numbers := _numbers(row)).all()},
            _small(block, {name for row in rows for name in row.subchains}),
        )

    def assemblies(self) -> list[str]:
        """Names of the assemblies, in the order of the file."""
        return list(dict.fromkeys(row.assembly for row in self.rows))

    def assembly(self, name: str, present: set[str]) -> gemmi.Assembly:
        """Give an assembly in gemmi's terms, of the sub-chains that are `present`."""
        assembly = gemmi.Assembly(name)
        for row in self.rows:
            if row.assembly == name:
                generator = gemmi.Assembly.Gen()
                generator.subchains = self._available(row, present)
                for factors in expand_operators(row.operators):
                    generator.operators.append(self._operator(factors))
                assembly.generators.append(generator)
        return assembly

    def _available(self, row: Recipe, present: set[str]) -> list[str]:
        absent = [name for name in row.subchains if name not in present]
        _refuse_absent(row.assembly, [name for name in absent if name not in self.small])
        if absent:
            logging.warning("assembly %s: no atoms of sub-chains %s, no polymers", row.assembly, ", ".join(absent))
        return [name for name in row.subchains if name in present]

    def _operator(self, factors: tuple[str, ...]) -> gemmi.Assembly.Operator:
        """Combine operators; the last of a product is applied first."""
        operator = gemmi.Assembly.Operator()
        operator.name = "x".join(factors)
        for name in factors:
            if name not in self.operators:
                raise StructureError(f"an assembly names operator {name!r}, which has no matrix in the file")
            operator.transform = operator.transform.combine(self.operators[name])
        return operator


def expand(structure: gemmi.Structure, recipes: Recipes | None, name: str) -> None:
    """Turn the only model of a structure into its assembly `name`; the recipes of a PDB-format file are gemmi's.

    Raises
    ------
    StructureError
        If there is no such assembly, or parts of it are missing.
    """
    known = [assembly.name for assembly in structure.assemblies] if recipes is None else recipes.assemblies()
    if name not in known:
        raise StructureError(f"has no assembly {name!r}; it has {', '.join(known) or 'none'}")
    if recipes is None:
        assembly = structure.assemblies[known.index(name)]
        wanted = [chain for generator in assembly.generators for chain in generator.chains]
        _refuse_absent(name, [chain for chain in wanted if structure[0].find_chain(chain) is None])
    else:
        assembly = recipes.assembly(name, {residue.subchain for chain in structure[0] for residue in chain})
        structure.assemblies.clear()
        structure.assemblies.append(assembly)
    structure.transform_to_assembly(name, gemmi.HowToNameCopiedChain.AddNumber)


def expand_operators(expression: str) -> list[tuple[str, ...]]:
    """List the operators of an expression, each as the operators that it is a product of.

    Raises
    ------
    StructureError
        If the expression is malformed, or stands for more copies than any assembly has.

    Examples
    --------
    >>> expand_operators("1,3-5")
    [('1',), ('3',), ('4',), ('5',)]
    >>> expand_operators("(1,2)(3,4)")
    [('1', '3'), ('1', '4'), ('2', '3'), ('2', '4')]
    """
    tokens = deque(token.strip() for token in re.findall(r"[(),]|[^(),]+", expression) if token.strip())
    try:
        operators = _sum(tokens)
        if tokens or len(operators) > MOST_COPIES:
            raise ValueError
    except (IndexError, ValueError, RecursionError) as problem:
        raise StructureError(f"no operators of an assembly, or too many: {expression[:80]!r}") from problem
    return operators


def _sum(tokens: deque[str]) -> list[tuple[str, ...]]:
    """Take alternatives separated by commas off the tokens."""
    operators = _product(tokens)
    while tokens and tokens[0] == ",":
        tokens.popleft()
        operators += _product(tokens)
    return operators


def _product(tokens: deque[str]) -> list[tuple[str, ...]]:
    """Take one or more factors off the tokens."""
    factors = [_factor(tokens)]
    while tokens and tokens[0] not in (",", ")"):
        factors.append(_factor(tokens))
    if math.prod(map(len, factors)) > MOST_COPIES:
        raise ValueError
    return [tuple(itertools.chain(*names)) for names in itertools.product(*factors)]


def _factor(tokens: deque[str]) -> list[tuple[str, ...]]:
    """Take a list in parentheses, a range or a single operator off the tokens."""
    token = tokens.popleft()
    if token == "(":
        operators = _sum(tokens)
        token = tokens.popleft()
        if token != ")":
            raise ValueError
        return operators
    if token in (",", ")"):
        raise ValueError
    if ends := re.fullmatch(r"(\d+)-(\d+)", token):
        first, last = map(int, ends.groups())
        if not first <= last < first + MOST_COPIES:
            raise ValueError
        return [(str(k),) for k in range(first, last + 1)]
    return [(token,)]


def _refuse_absent(assembly: str, absent: list[str]) -> None:
    if absent:
        raise StructureError(
            f"assembly {assembly!r} consists of chains that the file does not hold: {', '.join(absent)}"
        )


def _small(block: gemmi.cif.Block, subchains: set[str]) -> set[str]:
    kinds = {row.str(0): row.str(1).lower() for row in block.find("_entity.", ["id", "type"])}
    listed = {row.str(0): kinds.get(row.str(1)) for row in block.find("_struct_asym.", ["id", "entity_id"])}
    return {name for name in subchains if listed and (name not in listed or listed[name] in SMALL)}


def _numbers(row: gemmi.cif.Table.Row) -> list[float]:
    return [gemmi.cif.as_number(row[k]) for k in range(1, 13)]


def _transform(numbers: list[float]) -> gemmi.Transform:
    rotation = [numbers[k : k + 3] for k in (0, 3, 6)]
    return gemmi.Transform(gemmi.Mat33(rotation), gemmi.Vec3(*numbers[9:]))
