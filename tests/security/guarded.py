"""A Kafka that lets in only whom it knows (SASL_SSL, SCRAM), and only to do what an ACL allows."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from amicable.acls import ADMINISTRATOR, OUTSIDE, TEAMS
from amicable.runtime import kafka, ports
from amicable.runtime.home import Home
from amicable.runtime.processes import Child, running
from amicable.runtime.running import listening
from amicable.services import NAMES
from shared.kafka_access import Access, KafkaLogin
from tests.certificates import certificates

SUPER, NOBODY = "root", "nobody"  # may do everything; is known, and may do nothing
USERS = (SUPER, NOBODY, ADMINISTRATOR, *OUTSIDE.values(), *TEAMS, *NAMES)

# The controller's listener is the node's own; all others are met by a password and the authorizer.
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port}
inter.broker.listener.name=BROKER
listener.security.protocol.map=BROKER:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.broker.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="{user}" password="{password}";
ssl.keystore.type=PEM
ssl.keystore.location=server.pem
ssl.truststore.type=PEM
ssl.truststore.location=authority.pem
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{user};User:ANONYMOUS
log.dirs=data
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
group.coordinator.append.linger.ms=0
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
"""


@dataclass(frozen=True)
class GuardedKafka:
    """Where it is, and who signed its certificate."""

    address: str
    authority: Path

    def login(self, user: str, **other: str) -> dict[str, str]:
        """Return the settings with which a user logs in; `other` replaces some."""
        mine = {"kafka_user": user, "kafka_password": password(user), "kafka_tls": "true"}
        return {**mine, "kafka_ca_file": str(self.authority), **other}

    def variables(self, prefix: str, user: str, **other: str) -> dict[str, str]:
        """Return the same as environment variables."""
        return {f"{prefix}_{name}".upper(): value for name, value in self.login(user, **other).items()}

    def access(self, user: str) -> Access:
        """Return what the user's clients show."""
        return KafkaLogin.model_validate(self.login(user)).kafka_access()


def password(user: str) -> str:
    """Return the user's password."""
    return f"{user}-only-for-tests"


@asynccontextmanager
async def guarded_kafka(home: Home) -> AsyncIterator[GuardedKafka]:
    """Run it with its data in the home; nobody but SUPER may do anything yet."""
    folder = home.kafka
    authority, server = certificates()
    (folder / "authority.pem").write_bytes(authority)
    (folder / "server.pem").write_bytes(server)
    settings = folder / "server.properties"

    def write(port: int) -> None:
        text = _SETTINGS.format(port=port, controller_port=ports.choose(), user=SUPER, password=password(SUPER))
        settings.write_text(text)

    def start(port: int) -> AbstractAsyncContextManager[Child]:
        write(port)
        return running(home, "kafka", kafka._java("kafka.Kafka", settings.name), folder=folder)

    async def answers(child: Child, port: int) -> bool:
        return child.listens_on(port) and await _lets_in(GuardedKafka(f"127.0.0.1:{port}", folder / "authority.pem"))

    write(ports.choose())
    users = [f"--add-scram=SCRAM-SHA-512=[name={user},password={password(user)}]" for user in USERS]
    format_ = kafka._java("kafka.tools.StorageTool", "format", "--cluster-id=guarded", "--config=server.properties")
    await asyncio.to_thread(subprocess.run, [*format_, *users], cwd=folder, check=True, capture_output=True)
    async with listening(None, start, answers) as (_, port):
        yield GuardedKafka(f"127.0.0.1:{port}", folder / "authority.pem")


async def _lets_in(guarded: GuardedKafka) -> bool:
    client = AIOKafkaAdminClient(bootstrap_servers=guarded.address, **guarded.access(SUPER).of_client())
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except KafkaError:
        return False
    finally:
        await client.close()
