"""Which crons a schedule takes: six fields, once a month."""

import pytest

from creditrisk.errors import UserError
from pipelines.remote.cron_syntax import month_depends_on_zone, monthly


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("0 6 3 * *", "has 5 fields; Kubeflow reads six, second, minute, .*: write '0 0 6 3 .*'"),
        ("@monthly", "has 1 fields.*write '0 0 6 3"),
        ("", "has 0 fields"),
        ("0 6 31 * *", "has 5 fields.*write '0 0 6 3"),
        ("* 0 6 3 * *", "second is '.' and must be one number, 0 to 59"),
        ("0 0 24 3 * *", "hour is '24' and must be one number, 0 to 23"),
        ("0 0 6 31 * *", "day of month is '31' and must be one number, 1 to 28"),
        ("0 0 6 * * *", "day of month is"),
        ("0 0 6 3 13 *", "month is '13'"),
        ("0 0 6 3 * 1", "day of week is '1' and must be"),
        ("0 0 6 3,4 * *", "day of month is '3,4'"),
    ],
)
def test_a_cron_that_is_not_once_a_month_is_refused_with_one_that_is(given, text):
    with pytest.raises(UserError, match=text):
        monthly(given)


@pytest.mark.parametrize(
    "given", ["0 0 6 3 * *", "59 59 23 28 */3 ?", "0  0 6 1 JAN,apr,7-9 *", "0 30 06 03 * *"]
)
def test_a_cron_of_six_fields_once_a_month_is_taken(given):
    assert monthly(given) == " ".join(given.split())


@pytest.mark.parametrize(
    ("cron", "depends"),
    [
        ("0 0 0 1 * *", True),
        ("0 59 13 1 * *", True),
        ("0 0 14 1 * *", False),
        ("0 0 6 3 * *", False),
        ("0 59 11 28 * *", False),
        ("0 0 12 28 * *", True),
    ],
)
def test_near_a_month_s_end_the_zone_decides_which_month_it_is(cron, depends):
    assert month_depends_on_zone(cron) == depends
