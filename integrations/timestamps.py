"""The RFC 3161 time-stamping authority: only its address is ours, pyHanko speaks the protocol."""

from dataclasses import dataclass

from integrations import http
from integrations.errors import ProviderUnavailable


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """`url` is what pyHanko's HTTPTimeStamper wants; `ask` is the same exchange through our own client."""

    url: str

    def ask(self, query: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq. ProviderUnavailable when there is none."""
        headers = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}
        reply = http.post(self.url, again=True, content=query, headers=headers)
        if reply.status_code != 200 or reply.headers.get("content-type") != "application/timestamp-reply":
            raise ProviderUnavailable(f"HTTP {reply.status_code}")
        return reply.content
