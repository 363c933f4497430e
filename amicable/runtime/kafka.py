"""One Apache Kafka node (KRaft: broker and controller in one process) on 127.0.0.1."""

import asyncio
import secrets
import shutil
import signal
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from amicable.runtime import kafka_jars, ports
from amicable.runtime.errors import RuntimeProblem
from amicable.runtime.home import Home
from amicable.runtime.processes import Child, running
from amicable.runtime.running import Running, listening

WANTED_PORT = 9092

_LOG_SETTINGS = Path(__file__).with_name("log4j2.properties")
_OPTIONS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true"]

# The data folder is relative to the working folder, because a path here would need Java's escapes.
_SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port}
inter.broker.listener.name=BROKER
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=data
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.coordinator.append.linger.ms=0
broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
"""


@asynccontextmanager
async def running_kafka(home: Home, wanted_port: int | None = WANTED_PORT) -> AsyncIterator[Running]:
    """Runs Kafka with its data in the home; what it held at the last stop or kill is there again.

    Yields:
        `address` is the bootstrap server, `127.0.0.1:PORT`.

    Raises:
        RuntimeProblem: it did not come up; with the end of its log.
    """
    await asyncio.to_thread(_format, home.kafka)

    def start(port: int) -> AbstractAsyncContextManager[Child]:
        settings = home.kafka / "server.properties"
        settings.write_text(_SETTINGS.format(port=port, controller_port=ports.choose()))
        command = _java("kafka.Kafka", settings.name)
        environment = {"LC_ALL": "C.UTF-8"}  # or Java cannot name its folder where that has other letters than ASCII
        # Asked to end rather than killed, it need not wait at its next start until it takes itself for dead.
        orphan_signal = signal.SIGTERM
        return running(home, "kafka", command, environment=environment, folder=home.kafka, orphan_signal=orphan_signal)

    async def answers(child: Child, port: int) -> bool:
        return child.listens_on(port) and await _tells_brokers(port)

    async with listening(wanted_port, start, answers) as (child, port):
        yield Running(f"127.0.0.1:{port}", f"127.0.0.1:{port}", child)


def _java(main_class: str, *arguments: str) -> list[str | Path]:
    jars = kafka_jars.folder()
    settings = f"-Dlog4j2.configurationFile={_LOG_SETTINGS.as_uri()}"
    return [kafka_jars.java(), *_OPTIONS, settings, "-cp", f"{jars}/*", main_class, *arguments]


def _format(folder: Path) -> None:
    """Prepares the data folder once."""
    formatted = folder / "formatted"
    if formatted.exists():
        return
    shutil.rmtree(folder / "data", ignore_errors=True)  # of a formatting that was cut short
    cluster = urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
    settings = folder / "server.properties"
    settings.write_text(_SETTINGS.format(port=WANTED_PORT, controller_port=WANTED_PORT + 1))
    arguments = ["format", f"--cluster-id={cluster}", f"--config={settings.name}"]
    done = subprocess.run(
        _java("kafka.tools.StorageTool", *arguments), cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeProblem(f"Kafka's data folder {folder} cannot be prepared:\n{done.stdout}{done.stderr}")
    formatted.touch()


async def _tells_brokers(port: int) -> bool:
    """Whether a metadata request on this port is answered with a broker."""
    client = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}", request_timeout_ms=5000)
    try:
        await client.start()
        return bool((await client.describe_cluster())["brokers"])
    except KafkaError:
        return False
    finally:
        await client.close()
