"""A form with photos as it arrives. It is read in memory only: an upload spooled to a temporary file would lie on the
disk unencrypted, and a child's picture must not.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from alerts.settings import Settings

MAX_FIELDS = 600
DRAWN = "drawn"  # a file of GeoJSON, which is no photo
_CARRIED, _KEEP = "held.", "keep."


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form sent: its texts, and the photos in it, uploaded now or carried along from the last time."""

    values: Mapping[str, str]
    photos: Sequence[bytes] = field(default=(), repr=False)


class _InMemory(MultiPartParser):
    spool_max_size = 1 << 31  # never reached: the body is bounded before


async def read(request: Request, settings: Settings) -> Posted:
    """The form whole; HTTPException 415 where it is none, 400 where it cannot be read or has too many parts."""
    form = await _parsed(request, settings)
    try:
        pairs = form.multi_items()
        texts = {name: value for name, value in pairs if isinstance(value, str)}
        files = [(name, value) for name, value in pairs if isinstance(value, UploadFile) and value.size]
        uploads = [await value.read() for name, value in files if name != DRAWN]
        for shape in [
            await value.read() for name, value in files if name == DRAWN
        ]:  # takes the place of what was typed
            texts["coordinates"] = shape.decode("utf-8-sig", "replace")
    finally:
        await form.close()
    carried = [_decoded(texts.get(_CARRIED + name.removeprefix(_KEEP), "")) for name in texts if name.startswith(_KEEP)]
    values = {name: value for name, value in texts.items() if not name.startswith(_CARRIED)}
    return Posted(values, [*filter(None, carried), *uploads])


async def _parsed(request: Request, settings: Settings) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"", "application/x-www-form-urlencoded"}:  # nothing sent is an empty form
        return await request.form(max_fields=MAX_FIELDS)
    if kind != "multipart/form-data":
        raise HTTPException(415, "this is no form")
    parser = _InMemory(
        request.headers,
        request.stream(),
        max_files=settings.max_photos + 1,
        max_fields=MAX_FIELDS,
        max_part_size=settings.max_alert_bytes,
    )
    try:
        return await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as fault:
        raise HTTPException(400, "this is no form that can be read") from fault


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) or None
    except (binascii.Error, ValueError):
        return None
