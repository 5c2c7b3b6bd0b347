"""Sections of the configuration made from the library's settings: name, default, meaning and range stand there once."""

from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin

from pydantic import Field as Key
from pydantic import create_model, model_validator

from benchmark.config.sections import CHANGES_NO_RESULT, Section, Within

# metadata that `pydantic.Field` takes; `ge` and `le` become a `Within`, which says why
TAKEN = ("description", "min_length", "pattern")


class Derived(Section):
    """A section whose keys are fields of settings of the library, which also check them together."""

    sources: ClassVar[tuple[type, ...]] = ()

    @model_validator(mode="after")
    def _checked_together(self) -> "Derived":
        for source in self.sources:
            self.settings(source)
        return self

    def settings(self, source: type | None = None) -> Any:
        """The settings that the section was made from; of several, those of the class `source`."""
        source = source or self.sources[0]
        names = [item.name for item in fields(source) if item.name in type(self).model_fields]
        return source(**{name: _plain(getattr(self, name)) for name in names})


def section(
    *sources: type, base: type[Section] = Section, name: str | None = None, without: tuple[str, ...] = (), **defaults
) -> Any:  # a subclass of Derived that only pydantic knows
    """A section with the fields of frozen dataclasses of the library.

    Parameters
    ----------
    *sources : type
        Subclasses of `pointprior.runtime.settings.Settings`.
    base : type
        A section whose keys come first.
    name : str, optional
        Of the section in the schema; by default that of the first class.
    without : tuple of str
        Fields that the configuration does not have.
    **defaults
        Defaults that differ from the library's.
    """
    items = {item.name: item for source in sources for item in fields(source) if item.name not in without}
    keys: Any = {key: _key(item, defaults.get(key, item.default)) for key, item in items.items()}
    bases: Any = (base,) if issubclass(base, Derived) else (Derived,) if base is Section else (Derived, base)
    model = create_model(
        name or sources[0].__name__,
        __base__=bases,
        __doc__=str(sources[0].__doc__).partition("\n")[0],
        __module__=__name__,
        **keys,
    )
    model.sources = (*sources, *getattr(base, "sources", ()))  # type: ignore[attr-defined]
    return model


def _key(item: Field, default: Any) -> tuple[Any, Any]:
    """A field as pydantic takes it: its type with its range, and its default with its meaning."""
    about = item.metadata
    kind = _with_range(_with_sections(item.type), about)
    if not about.get("decides", True):
        kind = Annotated[kind, CHANGES_NO_RESULT]
    said = {name: about[name] for name in TAKEN if name in about}
    if default is MISSING:
        return kind, Key(**said)
    return kind, Key(_sections_of(default, kind), **said)


def _with_range(kind: Any, about: Any) -> Any:
    """A number's type with its range; of a union, of the numbers in it."""
    if "ge" not in about:
        return kind
    if get_origin(kind) in (Union, UnionType):
        parts = [part if part is type(None) else _with_range(part, about) for part in get_args(kind)]
        return Union[tuple(parts)]  # noqa: UP007  # of types that are known only here
    return Annotated[kind, Within(about["ge"], about["le"], about["why"])]


def _with_sections(kind: Any) -> Any:
    """The type with sections in place of the library's settings, and lists in place of tuples of them."""
    if get_origin(kind) is tuple and is_dataclass(get_args(kind)[0]):
        part: Any = section(get_args(kind)[0])
        return list[part]
    return section(kind) if is_dataclass(kind) and isinstance(kind, type) else kind


def _sections_of(default: Any, kind: Any) -> Any:
    """A default that is the library's settings, or a tuple of them, as sections."""
    if isinstance(default, tuple) and default and is_dataclass(default[0]):
        return [get_args(kind)[0](**asdict(part)) for part in default]
    return kind(**asdict(default)) if is_dataclass(default) and not isinstance(default, type) else default


def _plain(value: Any) -> Any:
    """A key's value as the library has it."""
    if isinstance(value, list):
        return tuple(map(_plain, value))
    return value.settings() if isinstance(value, Derived) else value
