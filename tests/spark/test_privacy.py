"""Names and identity numbers stay in bronze: nothing else the system writes or prints holds one."""

import gzip
import hashlib
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from creditrisk.period import Period
from creditrisk.records.layout import VERSIONS
from tests.builders.deliveries import POLICY, Delivery, Rows, month, period_at
from tests.builders.documents import recorded_champion
from tests.builders.small_lender import PORTFOLIO
from tests.builders.trained_version import install

KEY = "a key of this test, and no other one"
NAMED = PORTFOLIO.replace(
    "      income:",
    "      Full Name: {pii: true}\n      SSN: {pii: true, missing: ['-']}\n      income:",
)
COMMAND = (sys.executable, "-c", "from creditrisk.cli import main; main()")


@dataclass
class Remains:
    """What three months of a lender with a champion left behind."""

    root: Path
    printed: str  # on stdout and stderr, Spark's own lines included
    forms: Rows

    def files(self) -> Iterator[tuple[str, str]]:
        """Every file of store and audit store by its path, and its text."""
        for path in sorted(self.root.glob("store*/**/*")):
            if path.is_file():
                name = str(path.relative_to(self.root))
                yield name, _text(path)

    def secrets(self) -> set[str]:
        """What identifies a person: a part of each name no escape can hide, each number."""
        found = {row["Full Name"].partition("'")[2].partition(",")[0] for row in self.forms}
        numbers = {row["SSN"] for row in self.forms} - {"-"}
        return found | numbers | {number.replace("-", "") for number in numbers}


@pytest.fixture(scope="module")
def remains(tmp_path_factory: pytest.TempPathFactory) -> Remains:
    """Run by the command, in a process of its own: so that its logs hold nothing else."""
    root = tmp_path_factory.mktemp("lender")
    delivery = Delivery(3)
    forms = delivery.tables["application_form"]
    for place, row in enumerate(forms):
        row["Full Name"] = f'Zoë "Kit" O\'Hara-{place:03d}, Dr.'
        row["SSN"] = f"{900 + place}-{10 + place}-{7000 + place}"
    forms[1]["SSN"] = "-"
    forms.append(forms[2] | {"income": "1"})  # set aside: which one is right nobody can say
    forms[3]["income"] = forms[3]["Full Name"]  # names in columns where nobody expects them
    forms[4]["home"] = forms[4]["Full Name"]
    landing = Path(delivery.write(root / "landing", monthly=True))
    plain = landing / "application_form" / f"{month(2)}.csv"
    _make_a_row_too_long(plain.with_suffix(".csv.gz"), plain)
    (root / "portfolio.yaml").write_text(NAMED)
    (root / "policy.yaml").write_text(POLICY.model_dump_json())
    period = period_at(root, 2)
    _set_champion(period)
    done = subprocess.run(
        [
            *(*COMMAND, "backtest", "--data", "landing", "--from", "2023-02", "--to", "2023-03"),
            *("--store", "store", "--policy", "policy.yaml", "--portfolio", "portfolio.yaml"),
        ],
        cwd=root,
        env=_environment(),
        capture_output=True,
        check=False,
        timeout=500,
    )
    found = (done.stdout + done.stderr).decode()
    assert done.returncode == 0, found
    return Remains(root, found, forms)


def _set_champion(period: Period) -> None:
    version, since = install(period), date(2022, 12, 1)
    key = f"{VERSIONS}{version}/validation.json"
    text = json.loads(period.store.read(key)) | {"as_of": since.isoformat()}
    period.store.write(key, json.dumps(text).encode())
    recorded_champion(period, version, since)


def _environment() -> dict[str, str]:
    theirs = {k: v for k, v in os.environ.items() if not k.startswith("CREDITRISK_")}
    return theirs | {"CREDITRISK_PII_KEY": KEY}


def _make_a_row_too_long(path: Path, plain: Path) -> None:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    lines[1] += ",x"
    path.unlink()
    plain.write_text("\n".join(lines))


def _text(path: Path) -> str:
    if path.suffix != ".parquet":
        return path.read_bytes().decode(errors="replace")
    return "\n".join(str(row) for row in pq.read_table(path, partitioning=None).to_pylist())


def test_only_bronze_holds_names_and_numbers(remains: Remains) -> None:
    leaks = [
        (name, secret)
        for name, text in remains.files()
        if not name.startswith("store/lake/bronze/")
        for secret in remains.secrets()
        if secret in text
    ]
    assert leaks == []


def test_the_search_would_find_them(remains: Remains) -> None:
    bronze = "\n".join(text for name, text in remains.files() if "/lake/bronze/" in name)
    assert all(secret in bronze for secret in remains.secrets() if not secret.isdigit())
    searched = {name.split("/")[1] for name, _ in remains.files()}
    assert {"lake", "months", "runs", "decisions", "records"} <= searched
    tables = {
        "/".join(n.split("/")[2:4]) for n, _ in remains.files() if n.startswith("store/lake/")
    }
    assert {"silver/form", "silver/quarantine", "gold/features", "gold/labels"} <= tables
    assert {"scores/applications", "monitoring/findings"} <= tables
    names = [name for name, _ in remains.files()]
    assert any(name.endswith("report.html") for name in names)
    assert any(name.endswith("quality.json") for name in names)


def test_nothing_printed_holds_them(remains: Remains) -> None:
    assert "2023-03" in remains.printed
    assert [secret for secret in remains.secrets() if secret in remains.printed] == []


def test_silver_holds_their_keyed_hashes(remains: Remains) -> None:
    silver = "\n".join(text for name, text in remains.files() if "/lake/silver/form/" in name)
    for row in remains.forms[:1]:
        for value in (row["Full Name"], row["SSN"]):
            assert hmac.new(KEY.encode(), value.encode(), hashlib.sha256).hexdigest() in silver


def test_the_key_is_nowhere(remains: Remains) -> None:
    """Neither as it is, nor as the pads of RFC 2104 that Spark computes with."""
    block = KEY.encode().ljust(64, b"\0")
    pads = [bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C)]
    texts = [remains.printed, *(text for _, text in remains.files())]
    assert not any(secret in text for text in texts for secret in (KEY, *pads))
