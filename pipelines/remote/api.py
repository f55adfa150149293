"""Kubeflow's API through kfp's own client: a time limit, patience, and errors of one line."""

import io
import json
import logging
import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cached_property, partial
from typing import Any, Self

import kfp
from kfp.client.set_volume_credentials import ServiceAccountTokenVolumeCredentials
from kfp_server_api import ApiException
from urllib3 import Retry
from urllib3.exceptions import HTTPError, InsecureRequestWarning, SSLError

from creditrisk.errors import UserError
from pipelines.remote.endpoint import Endpoint

LIMIT = (5, 30)  # seconds for a connection, for an answer
WAITS = (0, 1, 2, 4, 8)  # seconds before each attempt at a change
_BACKOFF = 0.5  # a question is asked again after 0, 1, 2, 4 s
_PASSING = (429, 502, 503, 504)  # a server that starts, or a gateway without one
_PAGE = 100
_OLDEST = (2, 17)  # before it a schedule's time is empty: every month would be none
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)  # our one line says it

Page = Callable[..., Any]


class Api:
    """An API server; `client` is kfp's, on which callers name what they `ask` and `change`."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client = _client(endpoint)

    @classmethod
    def at(cls, host: str, namespace: str) -> Self:
        """Connect as options and environment say."""
        return cls(Endpoint.from_environment(host, namespace))

    @cached_property
    def health(self) -> dict[str, Any]:
        """What the server says of itself: `tag_name`, `multi_user`."""
        transport = self.client._run_api.api_client
        found = self.ask(
            "its health",
            partial(
                transport.call_api,
                "/apis/v2beta1/healthz",
                "GET",
                response_type="object",
                auth_settings=["Bearer"],
                _return_http_data_only=True,
            ),
        )
        return dict(found)

    def require_known(self) -> None:
        """A `UserError` where the server is older than what runs were tried on."""
        if fault := older_than_known(str(self.health.get("tag_name", ""))):
            raise UserError(f"{self.endpoint.host}: {fault}; upgrade Kubeflow Pipelines")

    @property
    def namespace(self) -> str | None:
        """The namespace as the API wants it: a server for one user takes none."""
        return self.endpoint.namespace if self.health.get("multi_user") else None

    def run_page(self, id: str) -> str:
        return f"{self.client._get_url_prefix()}/#/runs/details/{id}"

    def version_page(self, pipeline_id: str, id: str) -> str:
        return f"{self.client._get_url_prefix()}/#/pipelines/details/{pipeline_id}/version/{id}"

    def ask(self, what: str, question: Callable[[], Any]) -> Any:  # noqa: ANN401 - the client ships no types
        """The answer to a question; `what` names it where there is none (`UserError`)."""
        with self._one_line(what):
            return question()

    def pages(self, what: str, listing: Page, field: str, size: int = _PAGE) -> Iterator[Any]:
        """Every item of a listing, page by page, as far as it is read."""
        token = ""
        while True:
            page = self.ask(what, partial(listing, page_token=token, page_size=size))
            yield from getattr(page, field) or ()
            token = page.next_page_token or ""
            if not token:
                return

    def change(
        self, what: str, act: Callable[[], Any], find: Callable[[], Any] = lambda: None
    ) -> tuple[Any, bool]:
        """What is there after `act`, and whether we made it.

        Where an answer is lost nobody knows whether the server acted, so before each attempt
        `find` looks; without it, `act` must be safe to repeat.
        """
        with self._one_line(what):
            for attempt, wait in enumerate(WAITS, start=1):
                time.sleep(wait)
                if (found := find()) is not None:
                    return found, attempt > 1
                try:
                    return act(), True
                except (ApiException, HTTPError) as error:
                    if attempt == len(WAITS) or not _passes(error, conflicts=attempt == 1):
                        raise
        raise AssertionError("the last attempt returns or raises")

    @contextmanager
    def _one_line(self, what: str) -> Iterator[None]:
        try:
            with redirect_stdout(io.StringIO()):  # the client prints links
                yield
        except ApiException as error:
            raise RefusedError(self.endpoint, what, error) from None
        except HTTPError as error:
            if isinstance(getattr(error, "reason", None), SSLError):
                raise UserError(
                    f"{self.endpoint.host}: its certificate is not trusted; name the authority's"
                    " file in CREDITRISK_KFP_CA, or set CREDITRISK_KFP_INSECURE=1"
                ) from None
            raise UserError(
                f"{self.endpoint.host} does not answer ({what}); is it up, is the address right?"
            ) from None


class RefusedError(UserError):
    """The server answered and did not do it; `status` is HTTP's."""

    def __init__(self, endpoint: Endpoint, what: str, error: ApiException) -> None:
        self.status = int(error.status or 0)
        found = _message(error)
        denied = re.search(r"Verb:(\w+).*Resource:(\w+)", found)
        right = f"needs the right to {denied[1]} {denied[2]}" if denied else "lacks a right"
        found = found.partition(" with reason:")[0]
        advice = {
            401: "; say who you are: CREDITRISK_KFP_TOKEN, KF_PIPELINES_SA_TOKEN_PATH"
            " or CREDITRISK_KFP_COOKIE",
            403: f"; this account {right} in namespace {endpoint.namespace}",
            404: "; is this the address of the API, and was it not removed meanwhile?",
            409: "; someone else changed it at this moment: run the command again",
        }.get(self.status, "; the server is not ready: try again" if self.status >= 500 else "")
        super().__init__(f"{endpoint.host} refused {what}: {self.status} {found}{advice}")


def older_than_known(version: str) -> str:
    """Why a version of Kubeflow Pipelines is not enough; empty where it is, or says nothing."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    if found is None or (int(found[1]), int(found[2])) >= _OLDEST:
        return ""
    oldest = ".".join(map(str, _OLDEST))
    return f"version {version} gives a schedule no time; {oldest} is the oldest that does"


def _client(endpoint: Endpoint) -> kfp.Client:
    file = endpoint.token_file
    if not endpoint.verify:
        warnings.simplefilter("ignore", InsecureRequestWarning)  # it was asked for
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it greets everyone with one
        client = kfp.Client(
            host=endpoint.host,
            # any name: without one it asks for the server's health five times, with a
            # traceback each, and writes what it learns into the home directory
            namespace="-",
            existing_token=endpoint.token,
            credentials=ServiceAccountTokenVolumeCredentials(str(file)) if file else None,
            cookies=endpoint.cookie,
            ssl_ca_cert=str(endpoint.ca) if endpoint.ca else None,
            verify_ssl=endpoint.verify,
        )
    client._context_setting["namespace"] = ""  # each call says its own
    rest = client._run_api.api_client.rest_client
    rest.request = _limited(rest.request)
    rest.pool_manager.connection_pool_kw["retries"] = Retry(
        total=len(WAITS),
        read=1,
        backoff_factor=_BACKOFF,
        status_forcelist=_PASSING,
        allowed_methods=("GET",),  # a change may have been made: `change` looks first
        raise_on_status=False,
    )
    return client


def _limited(request: Callable[..., Any]) -> Callable[..., Any]:
    """The client's door to the network, which knows no time limit and takes any text."""

    def limited(*words: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on as they come
        answer = request(*words, **(named | {"_request_timeout": LIMIT}))
        try:
            json.loads(answer.data)
        except ValueError:  # the client would read a login page as an empty list
            error = ApiException(answer.status, "is no JSON: a login page, or not the API")
            error.body = b""
            raise error from None
        return answer

    return limited


def _passes(error: ApiException | HTTPError, conflicts: bool) -> bool:
    """Whether to look and try again; a conflict once, for someone else may have been first."""
    if isinstance(error, ApiException):
        return error.status in _PASSING or (conflicts and error.status == 409)
    return not isinstance(getattr(error, "reason", None), SSLError)


def _message(error: ApiException) -> str:
    """What the server says, on one line; of a right, the cause alone, which its stack ends with."""
    try:
        body = json.loads(error.body or "")
        if error.status == 403 and body.get("details"):
            body = body["details"][0]
        text = body.get("message") or body.get("error") or body.get("error_message") or ""
    except (ValueError, AttributeError, TypeError, LookupError):
        text = ""
    found = f"{text or error.reason}".split()
    return " ".join(found)[:300]
