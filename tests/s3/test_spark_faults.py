"""A backfill on S3 whose server dies in mid-write; run again once the server is back."""

import re
import time
from dataclasses import dataclass

import pytest

from tests.builders.commands import Digests, digests, ended, start
from tests.builders.deliveries import POLICY, Delivery, month
from tests.builders.small_lender import PORTFOLIO
from tools.minio import Server

STORE = "s3://lake/store"
WORDS = ("backfill", "--data", "landing", "--from", f"{month(0)}", "--to", f"{month(1)}")
CONFIG = ("--policy", "policy.yaml", "--portfolio", "portfolio.yaml")


@dataclass(frozen=True)
class Backfill:
    """How it ended, and what is committed then."""

    exit_code: int
    printed: str
    committed: Digests


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Deliveries, policy and portfolio of a lender with a dozen clients."""
    folder = tmp_path_factory.mktemp("lender")
    Delivery(2).write(folder / "landing")
    (folder / "policy.yaml").write_text(POLICY.model_dump_json())
    (folder / "portfolio.yaml").write_text(PORTFOLIO)
    return folder


@pytest.fixture(scope="module")
def backfills(mortals, s3_jars, folder):
    """On S3 while the server dies, on S3 once it is back, and on a disk."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in mortals.environment.items():
            patch.setenv(name, value)
        on_disk = start(*WORDS, *CONFIG, "--store", "store", cwd=folder)
        first = killed(mortals, folder)
        mortals.start()
        died = Backfill(*first, digests(STORE))
        again = ended(start(*WORDS, *CONFIG, "--store", STORE, cwd=folder))
        back = Backfill(*again, digests(STORE))
        return died, back, Backfill(*ended(on_disk), digests((folder / "store").as_uri()))


def killed(server: Server, folder) -> tuple[int, str]:
    """A backfill whose server dies when the first file of it appears."""
    process = start(*WORDS, *CONFIG, "--store", STORE, cwd=folder)
    while not files(server) and process.poll() is None:
        time.sleep(0.05)
    server.kill()
    return ended(process)


def files(server: Server) -> set[str]:
    found = server.client.list_objects("lake", "store/lake/", recursive=True)
    return {item.object_name for item in found if item.object_name.endswith(".parquet")}


def test_a_server_that_dies_in_mid_write_is_named_in_one_line(backfills):
    died, _, _ = backfills
    assert died.exit_code == 2, died.printed
    assert re.search("does not answer|went away", died.printed.strip().splitlines()[-1])
    assert "Traceback" not in died.printed


def test_a_server_that_dies_in_mid_write_leaves_nothing_committed(backfills):
    died, _, _ = backfills
    assert died.committed == {}


def test_once_the_server_is_back_the_same_command_ends_as_if_nothing_had_been(backfills):
    _, back, on_disk = backfills
    assert (back.exit_code, on_disk.exit_code) == (0, 0), back.printed + on_disk.printed
    assert len(on_disk.committed) > 15
    assert back.committed == on_disk.committed
