"""Each kind of channel against a server on loopback: what arrives, and what is said when not."""

import socket
from dataclasses import replace
from email import message_from_string

import pytest

from creditrisk.records.alerts import Alert
from creditrisk.reports.alerts.channel import channels, masked
from tests.builders.alert_servers import MailServer, Web, serving

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


@pytest.fixture
def web():
    with serving(Web()) as server:
        yield server


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def sent(url, seconds=SECONDS, alert=ALERT):
    (channel,) = channels(url, seconds)
    return channel.send(alert)


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


def test_what_a_delivery_wrote_is_text_in_a_message(web):
    line = "home: <img src=http://spy.example> \x1b[2J\nO/E 1.0"
    hostile = replace(ALERT, title=line, lines=(line,), link="")
    shown = r"home: <img src=http://spy.example> \x1b[2J\nO/E 1.0"
    assert sent(f"json://{web.address}", alert=hostile) == ""
    assert (web.got[0][2]["title"], web.got[0][2]["message"]) == (shown, shown)
    with serving(MailServer()) as server:
        port = server.server_address[1]
        mail = f"mailto://127.0.0.1:{port}?from=a@b.example&to=c@d.example"
        for url in (mail, f"{mail}&format=html"):
            assert sent(url, alert=hostile) == ""
        plain, both = (message_from_string(message) for _, message in server.mails)
    assert plain.get_content_type() == "text/plain"
    assert plain.get_payload(decode=True).decode().strip() == shown
    (html,) = (part for part in both.walk() if part.get_content_type() == "text/html")
    assert "&lt;img" in (body := html.get_payload(decode=True).decode())
    assert "<img" not in body


def test_an_error_is_tried_twice_and_then_named(web):
    web.status = 500
    assert sent(f"json://{web.address}/hook") == "HTTP 500"
    assert len(web.got) == 2


def test_a_server_that_is_down_is_named():
    assert sent(f"json://127.0.0.1:{closed_port()}") == "no connection, or not accepted"
    why = sent(f"mailto://127.0.0.1:{closed_port()}?from=a@b.example&to=c@d.example")
    assert why == "no connection, or not accepted"


def test_a_server_that_hangs_or_trickles_is_left(web):
    late = "no answer within 0.3 s"
    web.hangs = True
    assert sent(f"json://{web.address}", SHORT) in ("no connection, or not accepted", late)
    web.hangs, web.trickles = False, True
    assert sent(f"json://{web.address}", SHORT)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://example.com/hook?token=s3cret", "Apprise knows no service for this URL"),
        ("nonsense-s3cret", "Apprise knows no service for this URL"),
        ("http://[::1", "Apprise knows no service for this URL"),
    ],
)
def test_a_url_nobody_can_use_is_a_channel_that_says_so(url, why):
    (channel,) = channels(url, SECONDS)
    assert channel.send(ALERT).startswith(why)
    assert "s3cret" not in channel.name


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
    found = channels(
        "slack://Tx1JJ3T3L/A1BRTD4JD/TIiaj json://a.example\njson://a.example/2", SECONDS
    )
    assert [channel.name for channel in found] == [
        "slack",
        "json://a.example",
        "json://a.example #2",
    ]
