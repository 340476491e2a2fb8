import socket
from contextlib import suppress
from threading import Thread

import pytest

from handlers.domain.model.measurements import Answer, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.gateways.smoke_check import MOST_BODY, TIMEOUT, Smoke


@pytest.fixture
def raw():
    """Serve one connection: what a test lays out is sent as it is, and then it is closed."""
    servers, threads = [], []

    def serve(*sent):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def answer():
            connection, _ = server.accept()
            # A client that gives up closes its end.
            with connection, suppress(OSError):
                request = connection.recv(65536)
                serve.request = request.decode(errors="replace")
                for part in sent:
                    connection.sendall(part)

        threads.append(Thread(target=answer))
        threads[-1].start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield serve
    for thread in threads:
        thread.join()
    for server in servers:
        server.close()


def http(body=b"", status=200, **headers):
    lines = [f"HTTP/1.1 {status} x", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def test_an_answer_has_a_status_and_a_body(raw):
    url = raw(http("grüezi".encode(), Content_Length=7))

    assert Smoke().get(f"{url}/health?deep=1#part") == Answer(status=200, body="grüezi")
    assert raw.request.startswith("GET /health?deep=1 HTTP/1.1\r\n")
    assert "\r\nUser-Agent: shingo\r\n" in raw.request
    assert "Cookie" not in raw.request
    assert "Authorization" not in raw.request


def test_an_address_without_a_path_is_the_root(raw):
    Smoke().get(raw(http(Content_Length=0)))

    assert raw.request.startswith("GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 404, 500, 503])
def test_any_status_is_an_answer_and_no_redirect_is_followed(raw, status):
    url = raw(http(status=status, Location="http://127.0.0.1:1/", Content_Length=0))

    assert Smoke().get(url) == Answer(status=status, body="")


def test_a_body_in_chunks_is_one(raw):
    url = raw(http(Transfer_Encoding="chunked"), b"3\r\nall\r\n", b"5\r\n well\r\n0\r\n\r\n")

    assert Smoke().get(url) == Answer(status=200, body="all well")


def test_a_long_body_is_read_in_part(raw):
    body = b"x" * (MOST_BODY + 1)

    answer = Smoke().get(raw(http(body, Content_Length=len(body))))

    assert answer.body == "x" * MOST_BODY


def test_a_body_of_no_text_is_still_an_answer(raw):
    assert Smoke().get(raw(http(b"\xff\xfe", Content_Length=2))).body == "��"


NO_ANSWERS = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "half a body": http(b"half", Content_Length=8),
    "half a chunk": http(b"8\r\nhalf", Transfer_Encoding="chunked"),
    "half a status": b"HTTP/1.1",
}


@pytest.mark.parametrize("sent", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_what_is_no_whole_answer_is_none(raw, sent):
    found = Smoke().get(raw(sent) + "/health")

    assert isinstance(found, Unmeasured)
    assert found.verdict is Verdict.ERROR
    assert "/health gave no answer: " in found.why
    assert found.why.endswith(".")


def test_nobody_there_is_no_answer():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    found = Smoke().get(f"http://127.0.0.1:{port}/")

    assert found.verdict is Verdict.ERROR
    assert "ConnectionRefusedError" in found.why


def test_silence_is_no_answer(monkeypatch):
    monkeypatch.setattr("handlers.gateways.smoke_check.TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Smoke().get(f"http://127.0.0.1:{server.getsockname()[1]}/")

    assert found.verdict is Verdict.ERROR
    assert "it took longer than 0.05 s" in found.why


def test_what_trickles_is_given_up(raw):
    seconds = iter([0.0, 1.0, TIMEOUT + 1.0])
    url = raw(http(Transfer_Encoding="chunked"), b"1\r\na\r\n", b"1\r\nb\r\n", b"0\r\n\r\n")

    found = Smoke(lambda: next(seconds)).get(url)

    assert found.verdict is Verdict.ERROR
    assert "it took longer than" in found.why


def test_a_server_without_tls_is_no_answer_over_https(raw):
    url = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n").replace("http:", "https:")

    found = Smoke().get(url)

    assert found.verdict is Verdict.ERROR
    assert "SSL" in found.why


REFUSED = {
    "a file": "file:///etc/passwd",
    "FTP": "ftp://example.com/",
    "no scheme": "example.com/health",
    "no host": "http:///health",
    "nothing": "",
    "a user": "http://app:hunter2@127.0.0.1:1/",
    "an empty user": "http://@127.0.0.1:1/",
    "a port that is none": "http://127.0.0.1:http/",
    "a port that is too high": "http://127.0.0.1:99999/",
    "half an address of IPv6": "http://[::1/",
    "a space": "http://127.0.0.1:1/a b",
    "a letter that is not ASCII": "http://127.0.0.1:1/é",
    "a header in the path": "http://127.0.0.1:1/a%0d\x7fb",
}


@pytest.mark.parametrize("url", REFUSED.values(), ids=REFUSED)
def test_an_address_that_will_not_do_is_an_error_that_quotes_no_secret(url):
    found = Smoke().get(url)

    assert found.verdict is Verdict.ERROR
    assert "hunter2" not in found.why


def test_what_an_address_asks_is_not_quoted():
    found = Smoke().get("http://127.0.0.1:1/health?key=hunter2")

    assert "hunter2" not in found.why
