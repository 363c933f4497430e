"""Kafka and PostgreSQL as containers, the images that docker-compose.yml names."""

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

import docker  # type: ignore[import-untyped]
from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]
from testcontainers.community.kafka import KafkaContainer
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

KAFKA_IMAGE = "apache/kafka:4.1.0"
POSTGRES_IMAGE = "postgres:18"


class ApacheKafkaContainer(KafkaContainer):
    """testcontainers' Kafka knows Confluent's image only; this one starts Apache's own."""

    def __init__(self) -> None:
        super().__init__(KAFKA_IMAGE)
        self.kraft_enabled = True
        for name, value in {
            "AUTO_CREATE_TOPICS_ENABLE": "false",
            "GROUP_COORDINATOR_APPEND_LINGER_MS": "0",
            "LOG_DIRS": "/var/lib/kafka/data",
            "OFFSETS_TOPIC_NUM_PARTITIONS": "4",
            "SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
            "SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR": "1",
            "TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        }.items():
            self.with_env(f"KAFKA_{name}", value)

    def start(self, timeout: int = 120) -> Self:
        """Waits for longer than a busy machine takes; an idle one needs 5 s."""
        return super().start(timeout)

    def tc_start(self) -> None:
        """Hands the container its start script, now that the port on the host is known."""
        listeners = f"{self.listener_name}://{self.get_bootstrap_server()},BROKER://localhost:9092"
        script = f"export KAFKA_ADVERTISED_LISTENERS={listeners}\nexec /etc/kafka/docker/run\n"
        self.create_file(script.encode(), self.TC_START_SCRIPT)


def are_at_hand() -> bool:
    """Whether a Docker daemon answers and has both images: nothing is pulled unasked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        found = _answers_with_images()
        gc.collect()  # docker leaves its socket open where nobody answers: some later test would fail for it
    return found


def _answers_with_images() -> bool:
    try:
        client = docker.from_env()
        try:
            return all(_has(client, image) for image in (KAFKA_IMAGE, POSTGRES_IMAGE))
        finally:
            client.close()
    except DockerException:
        return False


@contextmanager
def kafka_container() -> Iterator[str]:
    """Runs Kafka; its bootstrap server."""
    _do_without_reaper_where_there_is_none()
    with ApacheKafkaContainer() as kafka:
        yield kafka.get_bootstrap_server()


@contextmanager
def postgres_container() -> Iterator[str]:
    """Runs PostgreSQL; its administrator's DSN."""
    _do_without_reaper_where_there_is_none()
    command = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    container = PostgresContainer(POSTGRES_IMAGE, username="postgres", dbname="postgres", driver=None)
    with container.with_command(command) as postgres:
        yield postgres.get_connection_url()


def _do_without_reaper_where_there_is_none() -> None:
    client = docker.from_env()
    try:
        if not _has(client, testcontainers_config.ryuk_image):
            testcontainers_config.ryuk_disabled = True
    finally:
        client.close()


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True
