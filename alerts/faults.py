"""What pydantic finds, as Problems: JSON pointers, and sentences for people; what was sent is never quoted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from alerts.model import Problem, Severity

SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here: is it misspelt?",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have {max_length} characters at most",
    "string_unicode": "must be text that UTF-8 can write",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "too_short": "must have {min_length} or more",
    "too_long": "must have {max_length} at most",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "finite_number": "must be a finite number",
    "literal_error": "must be one of {expected}",
    "timezone_aware": "must have an offset, such as -08:00",
    "value_error": "{error}",
}
WORDS: Mapping[str, str] = {  # the second half of a problem's type, where pydantic's own word is not ours
    "extra_forbidden": "unknown",
    "literal_error": "value",
    "value_error": "value",
    "string_pattern_mismatch": "form",
    "timezone_aware": "offset",
    "string_too_short": "empty",
    "string_too_long": "long",
    "too_short": "few",
    "too_long": "many",
}
PATTERNS: Mapping[str, str] = {
    "same": "must be a SAME code of six digits, such as 006037",
    "languages": "must be a language tag such as en or es-US (BCP 47)",
    "texts": "must be a language tag such as en or es-US (BCP 47)",
    "telephone": "must be a telephone number, such as +1 916 555 0100",
    "identifier": "must not hold spaces, commas, < or &",
}


def from_pydantic(error: ValidationError, root: str = "") -> list[Problem]:
    """Every fault; `root` is the JSON pointer of what was validated."""
    found = error.errors(include_url=False, include_input=False)
    return [_problem(fault["type"], fault["loc"], fault.get("ctx", {}), fault["msg"], root) for fault in found]


def pointer(steps: Iterable[str | int]) -> str:
    """JSON pointer (RFC 6901)."""
    return "".join("/" + str(step)[:100].replace("~", "~0").replace("/", "~1") for step in steps)


def _problem(kind: str, loc: tuple[int | str, ...], context: Mapping[str, Any], said: str, root: str) -> Problem:
    steps = tuple(step for step in loc if step != "[key]")
    names = [step for step in steps if isinstance(step, str)]
    name = names[-1] if names else root.rpartition("/")[2] or "record"
    if kind == "string_pattern_mismatch":
        sentence = next((PATTERNS[one] for one in reversed(names) if one in PATTERNS), "is not in the form asked for")
    else:
        sentence = SENTENCES[kind].format_map(_shown(context)) if kind in SENTENCES else said
    shown = "the document" if not steps and not root else name[:60]
    return Problem(
        Severity.ERROR, f"{name[:60]}.{WORDS.get(kind, kind)}", root + pointer(steps), f"{shown} {_lower(sentence)}"
    )


def _shown(context: Mapping[str, Any]) -> dict[str, Any]:
    return {key: f"{v:g}" if isinstance(v, float) and math.isfinite(v) else v for key, v in context.items()}


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
