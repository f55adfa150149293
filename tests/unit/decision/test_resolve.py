"""Which month a scheduled run is about."""

from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.stages.decision.component import resolve_period
from creditrisk.stages.decision.resolve import nominal_month, resolve
from creditrisk.stages.parameter_defaults import INSTALLED, SCHEDULED

AUGUST, SEPTEMBER = date(2024, 8, 1), date(2024, 9, 1)


@pytest.mark.parametrize(
    ("scheduled_at", "zone", "month"),
    [
        ("2024-08-31T18:30:00Z", "Asia/Kolkata", SEPTEMBER),  # 00:00 of the 1st there
        ("2024-08-31T18:30:00Z", "UTC", AUGUST),
        ("2024-09-01T00:00:00Z", "UTC", SEPTEMBER),
        ("2024-08-31T10:00:00Z", "Pacific/Kiritimati", SEPTEMBER),
        ("2024-03-01T11:59:00Z", "Etc/GMT+12", date(2024, 2, 1)),
        ("2024-08-31T23:30:00Z", "Europe/London", SEPTEMBER),  # summer time
        ("2024-08-31", "Asia/Kolkata", AUGUST),
    ],
)
def test_the_month_is_the_one_on_the_schedule_s_clock(scheduled_at, zone, month):
    assert nominal_month("", scheduled_at, zone) == month


def test_a_month_that_is_asked_for_is_the_same_in_every_zone():
    assert nominal_month("2024-08-01", "2024-08-31T18:30:00Z", "Asia/Kolkata") == AUGUST


@pytest.mark.parametrize("zone", ["Kolkata", "IST/x", "../etc", "America", "a b"])
def test_a_zone_that_is_none_is_one_line(zone):
    with pytest.raises(UserError, match=r"time zone is .*, which is none; write one such as Asia"):
        nominal_month("", "2024-08-31T18:30:00Z", zone)


@pytest.mark.parametrize(
    ("kubeflows", "ours", "month"),
    [
        ("Asia/Kolkata", "", "2024-09-01"),
        ("Local", "", "2024-08-01"),
        ("", "", "2024-08-01"),
        ("UTC", "Asia/Kolkata", "2024-09-01"),
    ],
)
def test_a_run_takes_kubeflow_s_zone_unless_it_is_told_another(
    kubeflows, ours, month, tmp_path, monkeypatch
):
    monkeypatch.setenv("CREDITRISK_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("CRON_SCHEDULE_TIMEZONE", kubeflows)
    monkeypatch.setenv("CREDITRISK_CRON_TIMEZONE", ours)
    assert resolve("", "2024-08-31T18:30:00Z", "", "run", lease=False).month == month


def test_what_a_pipeline_s_parameters_say_by_default_means_what_nothing_means(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("CREDITRISK_STORE", str(tmp_path / "store"))
    found = [
        resolve_period.python_func(month, "2024-08-31T18:30:00Z", config, "run", lease=False)
        for month, config in (("", ""), (SCHEDULED, INSTALLED))
    ]
    assert found[0] == found[1] and found[0].month == "2024-08-01"
