"""A signer of its own for tests: it signs whatever it is told to, also what nobody should take.

Written from the standard with nothing of the code under test: canonicalize, digest, canonicalize SignedInfo, sign.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

DS = "http://www.w3.org/2000/09/xmldsig#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
CAP = "urn:oasis:names:tc:emergency:cap:1.2"
SENT = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
MESSAGE = f"""<alert xmlns="{CAP}"><identifier>X-1</identifier><sender>desk@agency.example</sender>\
<sent>2026-01-15T18:30:00-06:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>\
<info><category>Rescue</category><event>Child Abduction Emergency</event><urgency>Immediate</urgency>\
<severity>Severe</severity><certainty>Likely</certainty><headline>Missing child</headline>\
<area><areaDesc>Denver</areaDesc><circle>39.7,-105.0 10</circle></area></info></alert>""".encode()
EVIL = MESSAGE.replace(b"Missing child", b"Evil words")


@dataclass
class Keyed:
    """A private key and the certificates that go with it, the signer's first."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    chain: tuple[x509.Certificate, ...]

    @property
    def certificate(self) -> x509.Certificate:
        return self.chain[0]

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def keyed(
    name: str = "Agency",
    issuer: Keyed | None = None,
    *,
    ca: bool = False,
    since: datetime = SENT - timedelta(days=30),
    until: datetime = SENT + timedelta(days=30),
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    use: str = "digital_signature",
) -> Keyed:
    """A new key with a certificate that `issuer` signed, or it itself."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example")]
    )
    above = issuer.certificate.subject if issuer else subject
    flags = dict.fromkeys(inspect.signature(x509.KeyUsage).parameters, False)
    usage = x509.KeyUsage(**(flags | {"key_cert_sign" if ca else use: True}))
    builder = x509.CertificateBuilder(above, subject, own.public_key(), x509.random_serial_number(), since, until)
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
    signer = issuer.key if issuer else own
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    certificate = builder.add_extension(authority, critical=False).sign(signer, hashes.SHA256())
    return Keyed(own, (certificate, *(issuer.chain if issuer else ())))


def sign(
    document: bytes,
    by: Keyed,
    *,
    method: str | None = None,
    digest: str = "http://www.w3.org/2001/04/xmlenc#sha256",
    transforms: Sequence[str] = (ENVELOPED, EXCLUSIVE),
    uri: str | None = "",
    references: int = 1,
    key_info: str | None = None,
    where: Callable[[etree._Element, etree._Element], None] = lambda root, signature: root.append(signature),
) -> bytes:
    """The document with a true signature of that form in it."""
    root = etree.fromstring(document)
    target = root if not uri else root.xpath("//*[@Id=$id]", id=uri.lstrip("#"))[0]
    content = etree.tostring(target, method="c14n", exclusive=EXCLUSIVE in transforms, with_comments=False)
    hashed = base64.b64encode(hashlib.new("sha1" if digest.endswith("sha1") else "sha256", content).digest()).decode()
    named = "".join(f'<Transform Algorithm="{one}"></Transform>' for one in transforms)
    attribute = "" if uri is None else f' URI="{uri}"'
    reference = (
        f'<Reference{attribute}><Transforms>{named}</Transforms><DigestMethod Algorithm="{digest}"></DigestMethod>'
        f"<DigestValue>{hashed}</DigestValue></Reference>"
    )
    chosen = method or f"{MORE}{'rsa' if isinstance(by.key, rsa.RSAPrivateKey) else 'ecdsa'}-sha256"
    info = (
        f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{EXCLUSIVE}"></CanonicalizationMethod>'
        f'<SignatureMethod Algorithm="{chosen}"></SignatureMethod>{reference * references}</SignedInfo>'
    )
    value = base64.b64encode(_value(info.encode(), by, chosen)).decode()
    told = _key_info(by) if key_info is None else key_info
    signature = f'<Signature xmlns="{DS}">{info}<SignatureValue>{value}</SignatureValue>{told}</Signature>'
    where(root, etree.fromstring(signature))
    return etree.tostring(root)


def _value(info: bytes, by: Keyed, method: str) -> bytes:
    if "hmac" in method:
        code = hmac.HMAC(by.pem, hashes.SHA256())
        code.update(info)
        return code.finalize()
    algorithm = hashes.SHA1() if method.endswith("sha1") else hashes.SHA256()
    if isinstance(by.key, rsa.RSAPrivateKey):
        return by.key.sign(info, padding.PKCS1v15(), algorithm)
    r, s = decode_dss_signature(by.key.sign(info, ec.ECDSA(algorithm)))
    return r.to_bytes(32) + s.to_bytes(32)


def _key_info(by: Keyed) -> str:
    return f"<KeyInfo><X509Data>{''.join(x509_text(one) for one in by.chain)}</X509Data></KeyInfo>"


def x509_text(certificate: x509.Certificate) -> str:
    text = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    return f"<X509Certificate>{text}</X509Certificate>"


def rsa_value(key: rsa.RSAPublicKey) -> str:
    """KeyValue of an RSA key."""
    numbers = key.public_numbers()
    modulus, exponent = (
        base64.b64encode(n.to_bytes((n.bit_length() + 7) // 8)).decode() for n in (numbers.n, numbers.e)
    )
    return (
        f"<KeyValue><RSAKeyValue><Modulus>{modulus}</Modulus><Exponent>{exponent}</Exponent></RSAKeyValue></KeyValue>"
    )


def embedded(document: bytes) -> x509.Certificate:
    """The first certificate that a signed document brings."""
    found = re.search(rb"X509Certificate>([^<]+)<", document)
    assert found
    return x509.load_der_x509_certificate(base64.b64decode(found[1]))
