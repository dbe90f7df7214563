"""A broker that speaks TLS alone to those who show a certificate of its own authority."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.runtime.clock import now
from shared.runtime.hosting import open_log
from shared.runtime.log import LogUnavailable
from shared.runtime.log_kafka import BadLogAddress
from tests.support.kafka import refuse_without_kafka
from tools.kafka.node import free_ports, running


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """Who signs the certificates of brokers and clients."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = named(name)
        self.certificate = self._signed(self._name, self._key.public_key(), is_authority=True)

    def write(self, folder: Path, name: str) -> Path:
        """Write the key and the certificate of somebody, and return the folder."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._signed(named(name), key.public_key(), is_authority=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        folder.mkdir()
        (folder / "user.key").write_bytes(private)
        (folder / "user.crt").write_bytes(signed.public_bytes(Encoding.PEM))
        (folder / "both.pem").write_bytes(private + signed.public_bytes(Encoding.PEM))
        (folder / "ca.crt").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return folder

    def _signed(self, name: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool) -> x509.Certificate:
        moment = now()
        asked = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(moment - timedelta(minutes=5))
            .not_valid_after(moment + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        return asked.sign(self._key, hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker that speaks TLS, and the folders of its own client, and of one whom others vouch for."""

    port: int
    known: Path
    stranger: Path

    def url(self, who: Path) -> str:
        """Return the address for a client that shows its certificate."""
        files = f"ca={self.known / 'ca.crt'}&certificate={who / 'user.crt'}&key={who / 'user.key'}"
        return f"kafka+tls://127.0.0.1:{self.port}?{files}"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    refuse_without_kafka()
    folder = tmp_path_factory.mktemp("tls")
    authority = Authority("claimlog test authority")
    keys = authority.write(folder / "broker", "broker")
    plain, secure = free_ports(2)
    listening = f"PLAINTEXT://127.0.0.1:{plain},TLS://127.0.0.1:{secure}"
    more = {
        "listeners": f"{listening},CONTROLLER://127.0.0.1:{{controller_port}}",
        "advertised.listeners": listening,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,TLS:SSL,CONTROLLER:PLAINTEXT",
        "ssl.client.auth": "required",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(keys / "both.pem"),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(keys / "ca.crt"),
    }
    with running(folder / "node", plain, more) as node:
        known = authority.write(folder / "claims", "claims")
        yield Broker(secure, known, Authority("somebody else").write(folder / "stranger", "claims"))
        node.process.kill()


async def test_a_known_client_makes_topics_and_reads_them(broker: Broker) -> None:
    async with open_log(broker.url(broker.known)) as log:
        await log.ensure_topics(["tls.claims"], partitions=2, replicas=1)

        assert await log.partitions("tls.claims") == 2
        assert await log.last(("tls.claims", 0)) is None


async def test_a_client_that_others_vouch_for_is_not_let_in(broker: Broker) -> None:
    with pytest.raises(LogUnavailable):
        async with open_log(broker.url(broker.stranger)):
            pass


@pytest.mark.parametrize("asked", ["ca=/nowhere/ca.crt", "ca=/nowhere/ca.crt&certificate=/x", "cafile=/x"])
async def test_files_that_are_missing_or_unknown_are_said(asked: str) -> None:
    with pytest.raises(BadLogAddress):
        async with open_log(f"kafka+tls://127.0.0.1:9?{asked}"):
            pass
