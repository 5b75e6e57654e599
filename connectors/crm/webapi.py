"""Speak to the Dataverse Web API: one request at a time, with patience that ends.

INVARIANT: no error names a value, the token or a query: only the set of the request and what to do.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from connectors.crm.edge import decode
from wye.ports import ContractBroken, SourceUnavailable

PATH = "/api/data/v9.2/"
LARGEST_PAGE = 64 * 1024 * 1024
"""Bytes of one answer, decompressed: 5,000 contacts take about 5 MB."""

AGAIN = frozenset(
    {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)


WRITTEN = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.CREATED, HTTPStatus.OK, HTTPStatus.PRECONDITION_FAILED})
"""Answers after which a row is there; 412 says that it was there before."""


class TokenExpired(Exception):
    """Say that the server no longer knows a page or delta token: read everything again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Say how long to wait for Dataverse. Its limits are counted over five minutes; more than that is an outage."""

    attempts: int = 6
    silence_seconds: float = 60
    """Longest silence within an answer."""
    answer_seconds: float = 300
    """Longest time for a whole answer."""
    longest_wait_seconds: float = 300
    """Longest time spent waiting between the attempts of one request, Retry-After included."""
    request_seconds: float = 300
    """Longest time for one request with all its attempts, counted when the next one would begin."""
    sleep: Callable[[float], None] = time.sleep


class WebApi:
    """Hold one connection to a Dataverse environment."""

    def __init__(self, url: str, token: str, patience: Patience) -> None:
        self._origin = _origin(url)
        self._patience = patience
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(
                min(10, patience.request_seconds), read=min(patience.silence_seconds, patience.request_seconds)
            ),
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json",
                "OData-MaxVersion": "4.0",
                "OData-Version": "4.0",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, target: str, prefer: str = "") -> Mapping[str, object]:
        """Fetch `target` (path and query below the environment) and return the JSON object of the answer.

        Raises SourceUnavailable, ContractBroken for a column that is not there, and TokenExpired.
        """
        headers = {"Prefer": prefer} if prefer else {}
        status, body = self._patiently("GET", target, headers, None)
        if status != HTTPStatus.OK:
            raise _refusal(target, status)
        return _object(target, body)

    def create(self, target: str, row: Mapping[str, object]) -> None:
        """Write a row under the key in `target` unless there is one; raises SourceUnavailable or ContractBroken.

        `If-None-Match: *` is Dataverse's way to prevent an update in an upsert: a row is written once, however often asked.
        """
        headers = {"If-None-Match": "*", "Content-Type": "application/json"}
        status, _ = self._patiently("PATCH", target, headers, json.dumps(row).encode())
        if status not in WRITTEN:
            raise _not_written(target, status)

    def change(self, target: str, row: Mapping[str, object]) -> None:
        """Change a row that is there; one that is gone stays gone. Raises SourceUnavailable or ContractBroken."""
        headers = {"If-Match": "*", "Content-Type": "application/json"}
        status, _ = self._patiently("PATCH", target, headers, json.dumps(row).encode())
        if status not in WRITTEN | {HTTPStatus.NOT_FOUND}:
            raise _not_written(target, status)

    def _patiently(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, bytes]:
        """Ask until there is an answer other than `later`; raises SourceUnavailable when patience ends."""
        waited, ends = 0.0, time.monotonic() + self._patience.request_seconds
        for attempt in range(1, self._patience.attempts + 1):
            wait = min(0.5 * 2**attempt, 30)
            try:
                status, retry_after, body = self._ask(method, target, headers, content)
            except httpx2.TransportError as error:
                # INVARIANT: the library's own text is left out: it may quote the request.
                reason = f"no answer ({type(error).__name__})"
            else:
                if status not in AGAIN:
                    return status, body
                reason = f"HTTP {status}"
                wait = wait if retry_after is None else retry_after
            waited += wait
            if attempt == self._patience.attempts or waited > self._patience.longest_wait_seconds:
                break
            if time.monotonic() + wait > ends:
                break
            self._patience.sleep(wait)
        raise SourceUnavailable(
            f"the CRM does not serve `{_set(target)}`: {reason}, asked {attempt} times; it is down or limits us: try later"
        )

    def relative(self, link: object) -> str:
        """Return the path and query of a link of the server's; refuses one that leads to another host.

        The token goes with every request, so a link is followed only to where the token belongs.
        """
        parts = urlsplit(str(link))
        if _origin(str(link)) != self._origin or not parts.path.startswith(PATH):
            raise SourceUnavailable("the CRM answered with a link to another host, which is not followed")
        return f"{parts.path.removeprefix(PATH)}?{parts.query}"

    def _ask(
        self, method: str, target: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, float | None, bytes]:
        ends = time.monotonic() + min(self._patience.answer_seconds, self._patience.request_seconds)
        body = bytearray()
        with self._client.stream(
            method, f"{self._origin}{PATH}{target}", headers=dict(headers), content=content
        ) as answer:
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > LARGEST_PAGE:
                    raise SourceUnavailable(
                        f"the CRM's answer for `{_set(target)}` has no end: set a smaller page_size"
                    )
                if time.monotonic() > ends:
                    raise httpx2.ReadTimeout("the whole answer took too long")
            return answer.status_code, _seconds(answer.headers.get("Retry-After")), bytes(body)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _set(target: str) -> str:
    return target.partition("?")[0].partition("(")[0]


def _seconds(held: str | None) -> float | None:
    """Read Retry-After: seconds, or an HTTP date (RFC 9110 section 10.2.3)."""
    if held is None:
        return None
    if held.isdecimal():
        return float(held)
    try:
        return max(0.0, (parsedate_to_datetime(held) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _refusal(target: str, status: int) -> Exception:
    name = _set(target)
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE} and ("$deltatoken=" in target or "$skiptoken=" in target):
        return TokenExpired()
    if status == HTTPStatus.BAD_REQUEST:
        return ContractBroken(f"the CRM refuses the columns asked of `{name}`: one that the contract names is gone")
    if status == HTTPStatus.UNAUTHORIZED:
        return SourceUnavailable("the CRM refuses the token: renew `WYE_SOURCES__CRM__TOKEN`")
    if status == HTTPStatus.FORBIDDEN:
        return SourceUnavailable(f"the CRM lets this account not read `{name}`: give its role read rights to the table")
    return SourceUnavailable(f"the CRM does not serve `{name}`: HTTP {status}; check `WYE_SOURCES__CRM__URL`")


def _not_written(target: str, status: int) -> Exception:
    name = _set(target)
    if status == HTTPStatus.BAD_REQUEST:
        return ContractBroken(f"the CRM refuses what is written to `{name}`: its table is not as the README says")
    if status == HTTPStatus.FORBIDDEN:
        return SourceUnavailable(
            f"the CRM lets this account not write `{name}`: give its role create rights to the table"
        )
    return _refusal(target, status)


def _object(target: str, body: bytes) -> Mapping[str, object]:
    try:
        found = decode(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SourceUnavailable(f"the CRM's answer for `{_set(target)}` is not OData: check `WYE_SOURCES__CRM__URL`")
    return found
