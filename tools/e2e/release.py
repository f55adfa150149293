"""One release on a cluster: kubectl, Helm and our own commands, with what they said in a log."""

import base64
import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from creditrisk.calendar_month import add_months
from tools.helm import MANIFESTS, obtain
from tools.manifest_objects import Object

Done = subprocess.CompletedProcess[str]
HOURS = 2 * 3600


@dataclass(frozen=True)
class Release:
    """Which cluster, which release, what is installed; `last` is the newest month delivered."""

    context: str
    namespace: str
    name: str
    images: dict[str, str]
    last: date
    logs: Path

    @property
    def people(self) -> str:
        """The namespace of people's keys."""
        return f"{self.name}-people"

    @property
    def kubeflow(self) -> bool:
        """Whether there is a Kubeflow where runs are to be."""
        return self.kubectl("get", "deployment", "ml-pipeline").returncode == 0

    def month(self, number: int) -> str:
        """A month of the 22 that are delivered, counted from 1."""
        return f"{add_months(self.last, number - 22)}"

    def kubectl(self, *words: str, stdin: object = None, namespace: str = "") -> Done:
        """Kubectl in the namespace of runs, or another."""
        where = (f"--context={self.context}", f"--namespace={namespace or self.namespace}")
        text = None if stdin is None else json.dumps(stdin)
        return self._run("kubectl", *where, *words, stdin=text)

    def found(self, *words: str, namespace: str = "") -> list[Object]:
        """What `kubectl get` lists."""
        done = self.kubectl("get", *words, "--output=json", namespace=namespace)
        items: list[Object] = json.loads(done.stdout)["items"] if done.returncode == 0 else []
        return items

    def secret(self, role: str, key: str, namespace: str) -> str:
        """A key of a role; empty where there is none."""
        words = ("get", "secret", f"{self.name}-{role}", f"--output=jsonpath={{.data.{key}}}")
        return base64.b64decode(self.kubectl(*words, namespace=namespace).stdout).decode()

    def helm(self, *words: str) -> Done:
        """Helm on this release."""
        where = (f"--kube-context={self.context}", f"--namespace={self.namespace}")
        return self._run(str(obtain()), *words[:1], self.name, *words[1:], *where)

    def install(self, *settings: str) -> Done:
        """Install or upgrade with a trial's values, our images, and these settings."""
        images = [
            f"--set-string=images.{key}.{part}={value}"
            for key, image in self.images.items()
            for part, value in zip(("name", "tag"), image.rsplit(":", 1), strict=True)
        ]
        ours = (f"--set-string=namespace={self.namespace}", f"--set-string=name={self.name}")
        values = (f"--values={MANIFESTS}/trial.yaml", "--wait", "--timeout=15m")
        chart = ("--install", str(MANIFESTS / "chart"))
        if not self.kubeflow:
            settings = ("--set=deploy.enabled=false", *settings)  # who would take the pipelines
        return self.helm("upgrade", *chart, *values, *ours, *images, *settings)

    def command(self, role: str, *words: str) -> Done:
        """A command on this machine with a role's keys and the cluster's addresses."""
        given = {"CONTEXT": self.context, "NAMESPACE": self.namespace, "CREDITRISK_NAME": self.name}
        return self._run(str(MANIFESTS / "with-cluster"), role, *words, environ=given)

    def pod(self, pod: Object, seconds: int = 900) -> tuple[str, str]:
        """Run a pod to its end; its phase and its log. It is removed."""
        name, place = pod["metadata"]["name"], pod["metadata"]["namespace"]
        self.kubectl("delete", "pod", name, "--ignore-not-found", namespace=place)
        made = self.kubectl("create", "--filename=-", stdin=pod, namespace=place)
        if made.returncode:
            return "refused", made.stderr
        phase, until = "", time.monotonic() + seconds
        while phase not in ("Succeeded", "Failed") and time.monotonic() < until:
            time.sleep(2)
            words = ("get", "pod", name, "--output=jsonpath={.status.phase}")
            phase = self.kubectl(*words, namespace=place).stdout
        log = self.kubectl("logs", name, namespace=place).stdout
        self.kubectl("delete", "pod", name, "--wait=false", namespace=place)
        return phase, log

    def _run(
        self, *words: str, stdin: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Done:
        done = subprocess.run(
            words,
            input=stdin,
            env=os.environ | dict(environ or {}),
            capture_output=True,
            text=True,
            check=False,
            timeout=HOURS,
        )
        if words[0] == "kubectl" and "get" in words and done.returncode == 0:
            return done  # asked again and again
        with (self.logs / "commands.log").open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(words)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        return done
