"""JSON as RFC 8259 means it, for documents that decide something: UTF-8 only, no key twice, no NaN, bounded depth."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NoReturn

MAX_DEPTH = 64


class NotJson(ValueError):
    """Why it is no JSON that is read here; `type` is a stable word."""

    def __init__(self, type_: str, message: str) -> None:
        super().__init__(message)
        self.type = type_


def loads(body: bytes) -> Any:
    """The value; NotJson says why not, and never quotes what was sent."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotJson("utf8", f"this is not UTF-8: the byte at position {error.start} has no place there") from None
    value = _parsed(text)
    _bound_depth(value)
    return value


def _parsed(text: str) -> Any:
    try:
        return _decode(text)
    except json.JSONDecodeError as error:
        said = f"this is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        raise NotJson("json", said) from None
    except NotJson:
        raise
    except (ValueError, RecursionError):
        raise NotJson("json", "this holds a number or a nesting that is beyond all measure") from None


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Two members of one name mean something else to every reader: refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise NotJson("json.duplicate", f"the member {twice[:60]!r} stands twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise NotJson("json.constant", f"{constant} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse).decode  # made once, not at every line


def _bound_depth(value: Any) -> None:
    """Level by level, not by recursion: what is being measured must not break the measure."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [child for one in inner for child in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return
    raise NotJson("json.depth", f"this is nested more than {MAX_DEPTH} deep")
