"""Frozen dataclasses that cost little to define.

A dataclass writes and compiles its methods anew for each class, about half a millisecond a class: with
some fifty classes that is a fifth of what a whole `advise FACTS` may take. Records are dataclasses
(`fields`, `is_dataclass`, patterns and `cached_property` work as ever) that share methods written once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """A frozen dataclass of this class: equal by type and fields, hashable where its fields are."""
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
    fields = dataclasses.fields(made)
    made._names = names = tuple(field.name for field in fields)
    made._values = attrgetter(*names) if len(names) > 1 else staticmethod(_of_few)
    made._defaults = {
        field.name: field.default for field in fields if field.default is not dataclasses.MISSING
    }
    for method in ("__init__", "__setattr__", "__delattr__", "__eq__", "__hash__", "__repr__"):
        setattr(made, method, vars(_Methods)[method])
    return made  # type: ignore[no-any-return]  # the class that was given


def replace(value: T, /, **changes: Any) -> T:
    """The same record with some fields changed."""
    kind: Any = type(value)
    made: T = kind(**{**as_dict(value), **changes})
    return made


def values_of(value: Any) -> tuple[Any, ...]:
    """The values of a record's fields, in their order."""
    values: tuple[Any, ...] = value._values(value)
    return values


def as_dict(value: Any) -> dict[str, Any]:
    """Field -> value of a record, in their order."""
    return dict(zip(value._names, values_of(value), strict=True))


def _of_few(value: Any) -> tuple[Any, ...]:
    """As `attrgetter` for a record of one field, or none: it gives a tuple only of two and more."""
    return tuple([value.__dict__[name] for name in value._names])


class _Methods:
    """What every record can do."""

    _names: tuple[str, ...]
    _values: Callable[[Any], tuple[Any, ...]]
    _defaults: dict[str, Any]

    def __init__(self, *args: Any, **named: Any) -> None:
        names = self._names
        if named or len(args) != len(names):
            args = _bound(type(self).__name__, names, self._defaults, args, named)
        self.__dict__.update(zip(names, args))  # noqa: B905  # as many as names by now; `strict=` costs a third

    def __setattr__(self, name: str, _value: Any) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __eq__(self, other: object) -> bool:
        return values_of(self) == values_of(other) if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), *values_of(self)))

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self._names)})"
        )


def _bound(
    kind: str, names: tuple[str, ...], defaults: dict[str, Any], args: tuple[Any, ...], named: dict[str, Any]
) -> tuple[Any, ...]:
    """The value of each field in order. Raises TypeError as a call of a function would."""
    given = {**defaults, **dict(zip(names, args, strict=False)), **named}
    if len(args) > len(names) or len(given) > len(names) or not named.keys().isdisjoint(names[: len(args)]):
        raise TypeError(f"{kind} takes {', '.join(names)}; got {len(args)} in order, and {', '.join(named)}")
    if len(given) < len(names):
        raise TypeError(f"{kind} lacks {', '.join(name for name in names if name not in given)}")
    return tuple([given[name] for name in names])
