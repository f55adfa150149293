"""Each kind of channel against a server on loopback: what arrives, and what is said when not."""

import socket

import pytest

from creditrisk.reports.alerts.alert import Alert
from creditrisk.reports.alerts.alertmanager import Alertmanager
from creditrisk.reports.alerts.apprise_channel import apprise_channels
from creditrisk.reports.alerts.channel import Notice, masked
from tests.builders.alert_servers import AlertmanagerServer, MailServer, Web, serving

AT, LATER = "2024-04-02T08:00:00.000+00:00", "2024-05-17T08:00:00.000+00:00"
SECONDS, SHORT = 5.0, 0.3
ALERT = Alert(
    event="retrain",
    month="2024-03-01",
    urgency="warning",
    portfolio="small-lender",
    title="small-lender 2024-03: retrain",
    lines=("discrimination red: AUC 0.641 (0.602 to 0.680), floor 0.7", "O/E 1.52"),
    link="http://dashboard.example",
)
NOTICE = Notice(ALERT, AT, LATER)


@pytest.fixture
def web():
    with serving(Web()) as server:
        yield server


@pytest.fixture
def alertmanager():
    with serving(AlertmanagerServer()) as server:
        yield server


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def sent(url, seconds=SECONDS):
    (channel,) = apprise_channels(url, seconds)
    return channel.send(NOTICE)


def test_a_webhook_gets_numbers_and_link(web):
    assert sent(f"json://{web.address}/hooks/s3cret") == ""
    ((path, _, body),) = web.got
    assert path == "/hooks/s3cret"
    assert (body["title"], body["type"]) == (ALERT.title, "warning")
    assert body["message"].splitlines() == [*ALERT.lines, ALERT.link]


def test_an_e_mail_gets_numbers_and_link():
    with serving(MailServer()) as server:
        port = server.server_address[1]
        assert sent(f"mailto://127.0.0.1:{port}?from=bank@a.example&to=risk@b.example") == ""
        (((sender, recipient), message),) = server.mails
    assert (sender, recipient) == ("<bank@a.example>", "<risk@b.example>")
    assert "small-lender 2024-03: retrain" in message
    assert "AUC 0.641" in message
    assert ALERT.link in message


def test_an_alertmanager_gets_labels_that_stay_and_times_that_end(alertmanager):
    assert Alertmanager(f"http://{alertmanager.address}", SECONDS).send(NOTICE) == ""
    ((path, _, (body,)),) = alertmanager.got
    assert path == "/api/v2/alerts"
    assert body["labels"] == {
        "alertname": "CreditRiskRetrain",
        "severity": "warning",
        "portfolio": "small-lender",
        "month": "2024-03-01",
    }
    assert (body["startsAt"], body["endsAt"]) == (AT, LATER)
    assert "AUC 0.641" in body["annotations"]["description"]


def test_an_alertmanager_may_stand_below_a_path_and_ask_for_a_password(alertmanager):
    url = f"http://ops:pa55@{alertmanager.address}/alertmanager/"
    assert Alertmanager(url, SECONDS).send(NOTICE) == ""
    ((path, headers, _),) = alertmanager.got
    assert path == "/alertmanager/api/v2/alerts"
    assert {name.lower(): value for name, value in headers.items()}["authorization"] == (
        "Basic b3BzOnBhNTU="
    )


@pytest.mark.parametrize("channel", ["people", "alertmanager"])
def test_an_error_is_tried_twice_and_then_named(channel, web):
    web.status = 500
    if channel == "people":
        why = sent(f"json://{web.address}/hook")
    else:
        why = Alertmanager(f"http://{web.address}", SECONDS).send(NOTICE)
    assert why == "HTTP 500"
    assert len(web.got) == 2


def test_a_server_that_is_down_is_named():
    assert sent(f"json://127.0.0.1:{closed_port()}") == "no connection, or not accepted"
    why = Alertmanager(f"http://127.0.0.1:{closed_port()}", SECONDS).send(NOTICE)
    assert why == "not delivered: NewConnectionError"
    why = sent(f"mailto://127.0.0.1:{closed_port()}?from=a@b.example&to=c@d.example")
    assert why == "no connection, or not accepted"


def test_a_server_that_hangs_or_trickles_is_left(web):
    late = "no answer within 0.3 s"
    web.hangs = True
    assert sent(f"json://{web.address}", SHORT) in ("no connection, or not accepted", late)
    why = Alertmanager(f"http://{web.address}", SHORT).send(NOTICE)
    assert why in ("not delivered: ReadTimeoutError", late)
    web.hangs, web.trickles = False, True
    assert sent(f"json://{web.address}", SHORT)
    why = Alertmanager(f"http://{web.address}", SHORT).send(NOTICE)
    assert why in ("not delivered: ProtocolError", late)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.com/hook?token=s3cret", "Apprise knows no service for this URL"),
        ("nonsense-s3cret", "Apprise knows no service for this URL"),
        ("http://[::1", "Apprise knows no service for this URL"),
    ],
)
def test_a_url_nobody_can_use_is_a_channel_that_says_so(url, why):
    (channel,) = apprise_channels(url, SECONDS)
    assert channel.send(NOTICE).startswith(why)
    assert "s3cret" not in channel.name


@pytest.mark.parametrize("url", ["not a url", "ftp://host", "http://[::1", "http://"])
def test_an_alertmanager_without_a_usable_url_says_so(url):
    why = Alertmanager(url, SECONDS).send(NOTICE)
    assert why in (
        "no URL of an Alertmanager (http://host:9093)",
        "not delivered: LocationParseError",
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "slack"),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "tgram"),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1/TIia", "https://hooks.slack.com"),
        ("mailtos://me:pa55@mail.example.org:465?to=x@y.example", "mailtos://mail.example.org:465"),
        ("jsons://user:pa55@hook.example/s3cret?key=s3cret", "jsons://hook.example"),
        ("nonsense-s3cret", "a URL that cannot be read"),
        ("http://[::1", "a URL that cannot be read"),
    ],
)
def test_the_name_of_a_channel_holds_no_secret(url, shown):
    assert masked(url) == shown


def test_two_channels_of_one_kind_are_told_apart():
    found = apprise_channels(
        "slack://Tx1JJ3T3L/A1BRTD4JD/TIiaj json://a.example\njson://a.example/2", SECONDS
    )
    assert [channel.name for channel in found] == [
        "slack",
        "json://a.example",
        "json://a.example #2",
    ]
