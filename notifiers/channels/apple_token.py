"""Who we are to APNs: a provider token (RFC 7519, ES256), the same in every worker.

Apple wants a token renewed no more often than every 20 minutes and no less often than every 60. Workers that each
signed their own would look like one provider that renews all the time (TooManyProviderTokenUpdates). So the time of
issue is rounded down to a grid of 40 minutes and the signature is deterministic: every worker makes the same token.
Source: Apple, "Establishing a token-based connection to APNs".
"""

from __future__ import annotations

import time
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import ec

from notifiers.channels.jwt import Claims, sign_es256

GRID_S = 40 * 60
SOONEST_S = 20 * 60
AHEAD_S = 60  # what our clock may be before Apple's: no token is issued in the future


class ProviderToken:
    """`key_id` and `team` are ten characters each, as Apple's developer account shows them."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, key_id: str, team: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._key, self._key_id, self._team, self._clock = key, key_id, team, clock
        self._token, self._issued_at, self._good_until = "", 0, 0.0

    def authorization(self) -> str:
        """The header's value."""
        now = self._clock()
        if not self._issued_at <= now < self._good_until:
            start = int(now) // GRID_S * GRID_S
            self._sign(start - AHEAD_S, start + GRID_S)
        return f"bearer {self._token}"

    def expired(self, authorization: str) -> None:
        """APNs said that this one has expired: our clock goes after. Sign with the time as it is, if that is allowed."""
        now = self._clock()
        if authorization == f"bearer {self._token}" and now - self._issued_at >= SOONEST_S:
            self._sign(int(now), now + SOONEST_S)

    def _sign(self, issued_at: int, good_until: float) -> None:
        claims: Claims = {"iss": self._team, "iat": issued_at}
        self._token, self._issued_at = sign_es256(self._key, self._key_id, claims), issued_at
        self._good_until = good_until
