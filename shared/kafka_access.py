"""How a process is let in by Kafka: as nobody on this machine; elsewhere as a user (SCRAM-SHA-512), over TLS."""

import logging
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

SERVERS = r"^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$"  # HOST:PORT, several with commas
COMPOSE_HOST = "kafka"  # the broker's name in docker-compose.yml, whose network only its own containers are in
logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # a terminal hears of trouble once, in our own words


@dataclass(frozen=True)
class Access:
    """What a client of Kafka has to show; nothing by default."""

    user: str | None = None
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None

    def of_client(self) -> dict[str, Any]:
        """Return the arguments of aiokafka's producer, consumer and admin client."""
        if self.user is None:
            return {"security_protocol": "SSL" if self.tls else "PLAINTEXT", "ssl_context": self.tls}
        return {
            "security_protocol": "SASL_SSL" if self.tls else "SASL_PLAINTEXT",
            "ssl_context": self.tls,
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password,
        }


OPEN = Access()


class KafkaLogin(BaseModel):
    """The settings that make an `Access`: half of a login is a mistake, and said so."""

    model_config = ConfigDict(hide_input_in_errors=True, frozen=True, extra="forbid")

    kafka_user: str | None = Field(default=None, min_length=1, description="where Kafka asks for it; SCRAM-SHA-512")
    kafka_password: SecretStr | None = Field(default=None, min_length=1, validate_default=True)
    kafka_tls: bool = Field(default=False, description="off only where nobody else is on the network")
    kafka_ca_file: Path | None = Field(default=None, description="PEM, of a private authority; else the system's")

    @field_validator("kafka_password")
    @classmethod
    def _goes_with_a_user(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if "kafka_user" in info.data and (value is None) != (info.data["kafka_user"] is None):
            raise ValueError("is missing, and a user is given" if value is None else "is given, and no user is")
        return value

    @field_validator("kafka_ca_file")
    @classmethod
    def _holds_certificates(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None:
            return None
        if not info.data.get("kafka_tls", True):
            raise ValueError("is given, and TLS is off")
        try:
            ssl.create_default_context(cafile=value)
        except ssl.SSLError:
            raise ValueError(f"{value} does not hold certificates (PEM)") from None
        except OSError as error:
            raise ValueError(f"{value} cannot be read: {error.strerror}") from None
        return value

    def kafka_access(self) -> Access:
        """Return what clients of Kafka have to show."""
        password = self.kafka_password.get_secret_value() if self.kafka_password else ""
        context = ssl.create_default_context(cafile=self.kafka_ca_file) if self.kafka_tls else None
        return Access(self.kafka_user, password, context)


def danger(kafka: str, access: Access) -> str | None:
    """Say what others on the network can do, where Kafka is not on this machine and the login leaves a gap."""
    if all(_is_near(server.rpartition(":")[0]) for server in kafka.split(",")):
        return None
    if access.user is None:
        return "anyone who reaches this broker can read everything and write as any service: set KAFKA_USER, grant ACLs"
    if access.tls is None:
        return "anyone on the way to this broker can read and change what is sent: set KAFKA_TLS"
    return None


def _is_near(host: str) -> bool:
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host in {"localhost", COMPOSE_HOST}
