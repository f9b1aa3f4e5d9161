"""Hosts are compared whole."""

import pytest

from igaku.io.hosts import host_of, is_host, is_this_machine, is_within


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.OpenAI.com/v1", "api.openai.com"),
        ("https://api.openai.com.:443/v1", "api.openai.com"),
        ("http://[::1]:8000/v1", "::1"),
        ("https://user:word@openai.com@evil.example/v1", "evil.example"),
        ("https://openai.com:1@evil.example/", "evil.example"),
        ("https://[::1/v1", ""),
        ("no address", ""),
    ],
)
def test_the_host_is_what_a_request_goes_to(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize("host", ["openai.com", "api.openai.com", "eu.api.openai.com"])
def test_a_domain_and_what_is_below_it(host: str) -> None:
    assert is_within(host, ("openai.com",))


@pytest.mark.parametrize(
    "host",
    [
        *("evilopenai.com", "evil-openai.com", "openai.com.evil.example", "openai.co", "xopenai.com", ""),
        *("evil.example\\.openai.com", "evil.example%2f.openai.com", "ｏpenai.com", "openai。com", "openаi.com"),
    ],
)
def test_what_only_looks_like_it_is_another(host: str) -> None:
    assert not is_within(host, ("openai.com",))


@pytest.mark.parametrize(
    "host", ["localhost", "my.localhost", "127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"]
)
def test_this_machine(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize(
    "host",
    ["localhost.evil.example", "evillocalhost", "127.0.0.1.evil.example", "10.0.0.1", "192.168.1.5", "2001:db8::1"],
)
def test_another_machine(host: str) -> None:
    assert not is_this_machine(host)


def test_a_host_that_libraries_read_differently_is_none() -> None:
    assert is_host("gpu-1_a.lab") and is_host("::1") and is_host("例え.jp")
    assert not any(map(is_host, ("a\\b", "a%41", "a;b", "a b", "", "-")))
