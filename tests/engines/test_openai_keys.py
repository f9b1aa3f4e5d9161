"""To whom a key goes: to exact hosts, over https, never to a stranger; and no proxy stands before this machine."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from igaku.engines.api_keys import find_key
from igaku.engines.openai_servers import addresses
from igaku.errors import IgakuError

from .stub import Stub, completion

STRANGERS = (
    *("https://evilopenai.com/v1", "https://evil-openai.com/v1", "https://openai.com.evil.example/v1"),
    *("https://api.openai.co/v1", "https://xn--penai-9za.com/v1", "https://ｏpenai.com/v1", "https://openаi.com/v1"),
    *("http://10.0.0.9:8000/v1", "http://localhost.evil.example/v1", "http://127.0.0.1.evil.example/v1"),
    *("https://evil.example/api.openai.com", "https://evil.example\\.openai.com/v1", "https://evil.example:443/v1"),
)
FRIENDS = (
    *("https://api.openai.com/v1", "https://API.OPENAI.COM./v1", "https://eu.api.openai.com:443/v1"),
    *(
        "https://mine.openai.azure.com/openai/v1",
        "http://localhost:8000/v1",
        "http://127.0.0.1/v1",
        "http://[::1]:9/v1",
    ),
)


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("IGAKU_API_KEY", "OPENAI_API_KEY", "IGAKU_HTTP_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IGAKU_CONFIG", str(tmp_path))


@pytest.mark.parametrize("url", STRANGERS)
def test_openais_key_goes_to_no_stranger(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x1")
    assert find_key(url) == ""


@pytest.mark.parametrize("url", FRIENDS)
def test_openais_key_goes_to_openai_and_to_this_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x1")
    assert find_key(url) == "sk-x1"


@pytest.mark.parametrize("url", ["http://api.openai.com/v1", "http://gpu1:8000/v1", "http://192.168.1.5/v1"])
@pytest.mark.parametrize("place", ["IGAKU_API_KEY", "keys.toml"])
def test_no_key_goes_over_plain_http_to_another_machine_unless_it_is_allowed(
    url: str, place: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = url.split("/")[2].split(":")[0]
    if place == "keys.toml":
        (tmp_path / place).write_text(f'"{host}" = "sk-secret-1"')
        (tmp_path / place).chmod(0o600)
    else:
        monkeypatch.setenv(place, "sk-secret-1")
    with pytest.raises(IgakuError, match=f"over plain http.*IGAKU_HTTP_HOSTS={host}") as caught:
        find_key(url)
    assert "sk-secret-1" not in str(caught.value)
    monkeypatch.setenv("IGAKU_HTTP_HOSTS", f"other, {host}")
    assert find_key(url) == "sk-secret-1"


def test_a_servers_own_key_by_its_host_or_its_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IGAKU_API_KEY", "common")
    file = tmp_path / "keys.toml"
    file.write_text('"API.example.com." = "one"\n"api.example.com:8443" = "two"\n"n.example" = 7\n')
    file.chmod(0o600)
    urls = ("https://api.example.com/v1", "https://api.example.com:8443/v1", "https://Xapi.example.com/v1")
    assert [find_key(u) for u in urls] == ["one", "two", "common"]
    with pytest.raises(IgakuError, match=r"the entry of n\.example is no text"):
        find_key("https://n.example/v1")


@pytest.mark.parametrize("key", ["sk-\nX: y", "鍵", "sk with blanks", "sk-\x7f1"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGAKU_API_KEY", key)
    with pytest.raises(IgakuError, match="not one word in ASCII") as caught:
        find_key("https://a.example/v1")
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://u:p@h.example/v1",
            "https://@h.example/v1",
            "https://openai.com@evil.example/v1",
            "https://h.example#x",
        ),
        *(
            "https://h.example/v1?k=1",
            "https://h\\x.example/v1",
            "https://a%2eb/v1",
            "file:///etc/passwd",
            "https://[::1/v1",
        ),
        *("https://h.example:port/v1", "//h.example/v1", "https:///v1", "https://h;x/v1"),
    ],
)
def test_addresses_that_could_be_read_in_two_ways_are_refused(url: str) -> None:
    with pytest.raises(IgakuError, match="--base-url"):
        addresses(url)


PROXY = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:{}")


def test_a_proxy_is_never_asked_for_this_machine(tmp_path: Path) -> None:
    with Stub(lambda path, body, n: b"HTTP/1.1 502 X\r\nContent-Length: 0\r\n\r\n") as proxy:
        proxies = {name: value.format(proxy.port) for name, value in PROXY.items()}
        env = {**{k: v for k, v in os.environ.items() if k.lower() != "no_proxy"}, **proxies}
        with Stub(
            lambda path, body, n: {"data": [{"id": "stub"}]} if path == "/models" else completion("答え：a")
        ) as one:
            where = ("--base-url", one.url, "--model", "stub", "--out", str(tmp_path / "run"))
            command = [sys.executable, "-m", "igaku", "eval", *where, "--bench", "mini", "--lang", "ja", "--limit", "2"]
            done = subprocess.run(command, capture_output=True, timeout=100, text=True, env=env)
        assert done.returncode == 0, done.stderr
        assert not proxy.tries


def test_llamacpps_own_server_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    httpx = pytest.importorskip("httpx")
    for name, value in PROXY.items():
        monkeypatch.setenv(name, value.format(9))
    from igaku.engines.llamacpp import own_client

    with Stub(lambda path, body, n: {"data": []}) as server, own_client(server.url.removesuffix("/v1")) as client:
        assert client.get("/v1/models").json() == {"data": []}
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/models", timeout=5)


def test_a_local_server_that_ends_its_connections_loses_no_request() -> None:
    """llama.cpp's ends idle ones, and after some requests: the next request on such a connection has no answer."""
    pytest.importorskip("httpx")
    from igaku.engines.llamacpp import own_client

    def once(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
            threading.Thread(target=_end_at_the_next, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=once, args=(server,), daemon=True).start()
        with own_client(f"http://127.0.0.1:{server.getsockname()[1]}") as client:
            assert [client.post("/tokenize", json={}).json() for _ in range(5)] == [{}] * 5


def _end_at_the_next(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.close()
