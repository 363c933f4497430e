"""Certificates for servers of tests: an authority, and what it signed."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


def certificates(names: Sequence[str] = ()) -> tuple[bytes, bytes]:
    """Return an authority's certificate, and a key and certificate that it signed (PEM): for 127.0.0.1, or names."""
    signing, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority for tests")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A server of tests")])

    def certificate(name: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key)
        return (
            made.serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
        )

    authority = (
        certificate(issuer, signing.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(signing, hashes.SHA256())
    )
    hosts: list[x509.GeneralName] = [x509.DNSName(name) for name in names] or [x509.IPAddress(IPv4Address("127.0.0.1"))]
    server = (
        certificate(subject, own.public_key())
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(signing, hashes.SHA256())
    )
    key = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return authority.public_bytes(Encoding.PEM), key + server.public_bytes(Encoding.PEM)
