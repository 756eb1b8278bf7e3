"""The RFC 3161 time-stamping authority: only its address is ours, pyHanko speaks the protocol."""

import hashlib
from dataclasses import dataclass
from typing import ClassVar

from integrations import http
from integrations.errors import ProviderRefused, ProviderUnavailable


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """`url` is what pyHanko's HTTPTimeStamper wants; `ask` is the same exchange through our own client."""

    called: ClassVar[str] = "timestamps"
    url: str

    @property
    def address(self) -> str:
        return self.url

    def check(self) -> None:
        """A stamp on nothing."""
        from asn1crypto import tsp

        imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": hashlib.sha256(b"").digest()}
        reply = tsp.TimeStampResp.load(self.ask(tsp.TimeStampReq({"version": "v1", "message_imprint": imprint}).dump()))
        if reply["status"]["status"].native != "granted":
            raise ProviderRefused(str(reply["status"]["status"].native))

    def ask(self, query: bytes) -> bytes:
        """The DER TimeStampResp to a DER TimeStampReq. ProviderUnavailable when there is none."""
        headers = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}
        reply = http.post(self.url, again=True, content=query, headers=headers, whom=self.called)
        if reply.status_code != 200 or reply.headers.get("content-type") != "application/timestamp-reply":
            raise ProviderUnavailable(f"HTTP {reply.status_code}")
        return reply.content
