"""deploy/kubernetes against the code: settings, ports, probes, rights. Read as files: no cluster is asked."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from amicable.migrate import ROLES
from amicable.services import NAMES
from services.notifications.page.application import ROUTES
from shared import messaging, service
from shared.kafka_access import KafkaLogin
from tests.operations.tables import settings_of

FOLDER = Path(__file__).parents[2] / "deploy/kubernetes"
Manifest = dict[str, Any]


def manifests() -> Iterator[Manifest]:
    """Return everything that is not for kustomize itself."""
    for file in sorted(FOLDER.rglob("*.yaml")):
        if file.name != "kustomization.yaml":
            yield from yaml.safe_load_all(file.read_text())


def one(kind: str, name: str) -> Manifest:
    """Return the manifest of that kind and name."""
    (found,) = [each for each in manifests() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return found


def pod(kind: str, name: str) -> Manifest:
    """Return the pod's specification."""
    spec: Manifest = one(kind, name)["spec"]["template"]["spec"]
    return spec


def environment(spec: Manifest) -> dict[str, Manifest]:
    """Return the variables of the pod's only container."""
    (container,) = spec["containers"]
    return {variable["name"]: variable for variable in container["env"]}


PODS = [*(("Deployment", name.replace("_", "-")) for name in NAMES), ("Job", "migrate"), ("Job", "topics")]
each_service = pytest.mark.parametrize("name", NAMES)
each_pod = pytest.mark.parametrize(("kind", "name"), PODS)


def test_there_is_nothing_that_these_tests_do_not_see() -> None:
    there = {(each["kind"], each["metadata"]["name"]) for each in manifests() if "template" in each.get("spec", {})}
    assert there == set(PODS)


def test_kustomize_takes_every_file_and_labels_every_pod() -> None:
    for file in FOLDER.rglob("kustomization.yaml"):
        told = yaml.safe_load(file.read_text())
        here = {path.name for path in file.parent.iterdir()} - {"kustomization.yaml", "README.md"}
        assert set(told["resources"]) == here
        if file.parent != FOLDER:
            assert told["labels"] == [{"pairs": {"app.kubernetes.io/part-of": "amicable"}, "includeTemplates": True}]


@each_service
def test_a_service_has_the_settings_it_needs_and_no_others(name: str) -> None:
    given = environment(pod("Deployment", name.replace("_", "-")))
    known = settings_of(name)
    assert given.keys() <= known.keys()
    assert {variable for variable, field in known.items() if field.is_required()} <= given.keys()


@each_service
def test_a_service_is_probed_where_it_listens(name: str) -> None:
    spec = pod("Deployment", name.replace("_", "-"))
    (container,) = spec["containers"]
    assert container["args"] == ["run", name]
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    given = environment(spec)
    assert ports.pop("http") == given[f"{name.upper()}_HTTP_PORT"]["value"]
    page = given.get(f"{name.upper()}_PAGE_PORT")
    assert ports == ({"page": page["value"]} if page else {})
    assert (page is not None) is (name != "health_scoring")
    probes = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert probes == {
        "startupProbe": {"path": "/livez", "port": "http"},
        "livenessProbe": {"path": "/livez", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }
    patience = container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"]
    assert patience > service.SURROUNDINGS_SECONDS


@each_service
def test_a_service_has_a_spare_and_time_to_finish(name: str) -> None:
    dashed = name.replace("_", "-")
    assert one("Deployment", dashed)["spec"]["replicas"] == 2
    labels = one("Deployment", dashed)["spec"]["template"]["metadata"]["labels"]
    assert one("PodDisruptionBudget", dashed)["spec"]["selector"]["matchLabels"] == labels
    needed = messaging.DRAIN_SECONDS + service.DRAIN_OUTBOX_SECONDS + 10
    assert pod("Deployment", dashed)["terminationGracePeriodSeconds"] >= needed


@each_pod
def test_a_pod_may_do_nothing_that_it_need_not(kind: str, name: str) -> None:
    spec = pod(kind, name)
    (container,) = spec["containers"]
    assert spec["serviceAccountName"] == "amicable"
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"].keys() == {"requests", "limits"}


@each_pod
def test_what_a_pod_refers_to_is_there_or_in_the_readme(kind: str, name: str) -> None:
    public = one("ConfigMap", "amicable")["data"]
    readme = (FOLDER / "README.md").read_text()
    for variable in environment(pod(kind, name)).values():
        source = variable.get("valueFrom", {})
        if reference := source.get("configMapKeyRef"):
            assert reference["name"] == "amicable"
            assert reference["key"] in public or reference.get("optional")
        if reference := source.get("secretKeyRef"):
            assert f"`{reference['name']}`" in readme


def test_the_migration_job_is_given_every_role_s_password() -> None:
    wanted = {"AMICABLE_ADMIN_DATABASE_URL", *(f"AMICABLE_PASSWORD_{role.upper()}" for role in ROLES)}
    assert environment(pod("Job", "migrate")).keys() == wanted


@each_pod
def test_a_pod_that_speaks_to_kafka_can_log_in_as_nobody_else(kind: str, name: str) -> None:
    given = environment(pod(kind, name))
    prefix = {"topics": "AMICABLE"}.get(name, name.replace("-", "_").upper())
    login = {variable: given[variable]["valueFrom"] for variable in given if variable.startswith(f"{prefix}_KAFKA_")}
    assert {variable.removeprefix(f"{prefix}_").lower() for variable in login} == (
        set() if name == "migrate" else set(KafkaLogin.model_fields)
    )
    secrets = {source["secretKeyRef"]["name"] for source in login.values() if "secretKeyRef" in source}
    assert secrets <= {f"{'administrator' if name == 'topics' else name}-kafka"}
    mounts = {mount["name"]: mount["mountPath"] for mount in pod(kind, name)["containers"][0].get("volumeMounts", ())}
    assert (mounts.get("kafka-ca") == "/kafka-ca") is (name != "migrate")


def test_passwords_are_never_written_in_a_manifest() -> None:
    for kind, name in PODS:
        for variable, given in environment(pod(kind, name)).items():
            if "PASSWORD" in variable or "DATABASE_URL" in variable or "SEED" in variable:
                assert "secretKeyRef" in given["valueFrom"]


def test_a_pod_may_talk_only_where_a_policy_says_so() -> None:
    everything = one("NetworkPolicy", "deny-all")["spec"]
    assert everything == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/part-of": "amicable"}},
        "policyTypes": ["Ingress", "Egress"],
    }
    ways_in = {"page": "action-plans", "ending-page": "transition-review", "links": "notifications",
               "console": "console"}  # fmt: skip
    for name, service_ in ways_in.items():
        page = one("NetworkPolicy", name)["spec"]
        assert page["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": service_}}
        assert [rule["ports"] for rule in page["ingress"]] == [[{"protocol": "TCP", "port": 8090}]]
        assert all(rule["from"] for rule in page["ingress"])
    for policy in (each for each in manifests() if each["kind"] == "NetworkPolicy"):
        assert "ingress" not in policy["spec"] or policy["metadata"]["name"] in ways_in
        assert all(rule["ports"] for rule in policy["spec"].get("egress", ()))


def test_of_the_page_behind_links_no_more_is_exposed_than_it_has() -> None:
    """The Ingress of the readme leads to each path of the page, by its service, and to no other."""
    blocks = re.findall(r"```yaml\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    (written,) = [block for block in blocks if "kind: Ingress" in block]
    (rule,) = yaml.safe_load(written)["spec"]["rules"]
    assert {way["backend"]["service"]["name"] for way in rule["http"]["paths"]} == {"links"}
    assert one("Service", "links")["spec"]["selector"] == {"app.kubernetes.io/name": "notifications"}
    assert rule["host"] == urlsplit(one("ConfigMap", "amicable")["data"]["links-url"]).hostname
    exposed = {(way["path"], way["pathType"]) for way in rule["http"]["paths"]}
    routes = {route.partition("{")[0] for route in ROUTES}
    assert exposed == {(route, "Prefix" if route.endswith("/") else "Exact") for route in routes}
