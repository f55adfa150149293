"""Where the deliveries are, when a run started by hand in Kubeflow's page does not say."""

import pytest

from creditrisk.deliveries.landing import landing_uri
from creditrisk.errors import UserError


def test_a_run_that_names_no_landing_reads_the_one_of_its_environment(monkeypatch):
    monkeypatch.setenv("CREDITRISK_LANDING", "s3://landing")
    assert landing_uri("") == "s3://landing"
    assert landing_uri("s3://other") == "s3://other"


def test_without_either_the_store_is_not_taken_for_it(monkeypatch):
    monkeypatch.delenv("CREDITRISK_LANDING", raising=False)
    with pytest.raises(UserError, match="give the run a landing, or set CREDITRISK_LANDING"):
        landing_uri("")
