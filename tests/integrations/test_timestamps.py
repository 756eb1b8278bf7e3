"""The time-stamping authority over our client and over pyHanko's reading of the answer."""

import hashlib
from datetime import timedelta

import httpx
import pytest
from asn1crypto import tsp

from core import clock
from integrations import registry
from integrations.errors import ProviderUnavailable
from sandbox import conf
from sandbox.services import faults
from sandbox.services.faults import Kind
from sandbox.wsgi import transport

pytestmark = pytest.mark.django_db
DIGEST = hashlib.sha256(b"agreement").digest()


def query() -> tsp.TimeStampReq:
    imprint = tsp.MessageImprint({"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST})
    return tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "nonce": 4711, "cert_req": True})


def test_a_stamp_carries_the_digest_the_nonce_and_the_platforms_time() -> None:
    answer = tsp.TimeStampResp.load(registry.timestamps().ask(query().dump()))
    assert answer["status"]["status"].native == "granted"
    stamped = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    assert stamped["message_imprint"]["hashed_message"].native == DIGEST
    assert stamped["nonce"].native == 4711
    assert abs(stamped["gen_time"].native - clock.now()) < timedelta(seconds=5)


def test_the_stamp_is_signed_by_the_published_certificate() -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    with httpx.Client(transport=transport(), base_url=conf.url()) as client:
        certificate = x509.load_pem_x509_certificate(client.get("/tsa/cert.pem").content)
    answer = tsp.TimeStampResp.load(registry.timestamps().ask(query().dump()))
    [signer] = answer["time_stamp_token"]["content"]["signer_infos"]
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signed = signer["signed_attrs"].untag().dump()
    key.verify(signer["signature"].native, signed, padding.PKCS1v15(), hashes.SHA256())
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert [purpose.dotted_string for purpose in usage.value] == ["1.3.6.1.5.5.7.3.8"]


@pytest.mark.parametrize("nonsense", [b"", b"hello", b"\x30\x03\x02\x01\x01", query().dump() + b"\x00"])
def test_what_is_no_query_gets_no_stamp(nonsense: bytes) -> None:
    with pytest.raises(ProviderUnavailable):
        registry.timestamps().ask(nonsense)


def test_an_authority_that_is_down_is_asked_again() -> None:
    faults.order("tsa", Kind.DOWN, times=2)
    assert registry.timestamps().ask(query().dump())
