"""A key that a server repeats, in whichever form, is hidden; honest texts stay as they are."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igaku.engines.secrets import HIDDEN, masker

KEYS = ("sk-lab-7Q2x9Lm4Vt8Rz1", "pa/ss+wo=rd&42-Zy9", "abcd1234", "0123456789abcdef0123456789abcdef")
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "in capitals": str.upper,
    "backwards": lambda k: k[::-1],
    "for an address": lambda k: quote(k, safe=""),
    "every character quoted": lambda k: "".join(f"%{ord(c):02X}" for c in k),
    "in base64": lambda k: b64encode(k.encode()).decode(),
    "in base64, with Bearer": lambda k: b64encode(f"Bearer {k}".encode()).decode(),
    "in base64, with a name": lambda k: urlsafe_b64encode(f"u:{k}".encode()).decode(),
    "in hexadecimal": lambda k: k.encode().hex(),
    "spaced": " ".join,
    "one a line": "\n".join,
    "with signs between": "%".join,
    "as HTML writes numbers": lambda k: "".join(f"&#{ord(c)};" for c in k),
    "as JSON writes numbers": lambda k: "".join(f"\\u{ord(c):04x}" for c in k),
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("form", FORMS)
def test_a_key_is_hidden_in_texts_and_bodies(key: str, form: str) -> None:
    shown = FORMS[form](key)
    hide = masker(key)
    assert hide.text(f"鍵は {shown} です") == f"鍵は {HIDDEN} です" or HIDDEN in hide.text(f"鍵は {shown} です")
    assert shown not in hide.text(f"x {shown} y")
    body = {"id": [f"a {shown}"], f"n {shown}": {"model": shown}}
    for raw in (json.dumps(body).encode(), json.dumps(body, ensure_ascii=False).encode(), f"no JSON {shown}".encode()):
        assert shown not in str(_decoded(hide.body(raw)))


def _decoded(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return raw.decode()


def test_a_key_written_in_json_escapes_is_found_once_it_is_decoded() -> None:
    key = KEYS[0]
    escaped = "".join(f"\\u{ord(c):04x}" if i % 2 else c for i, c in enumerate(key))
    assert key not in str(json.loads(masker(key).body(f'{{"text": "{escaped}"}}'.encode())))


@pytest.mark.parametrize("cut", [slice(None, -4), slice(4, None), slice(3, 18)])
def test_a_long_part_is_hidden_too(cut: slice) -> None:
    assert KEYS[0][cut] not in masker(KEYS[0]).text(f"key {KEYS[0][cut]} refused")


def test_what_begins_like_a_key_is_hidden_in_errors() -> None:
    assert (
        masker(KEYS[0]).error(f"Incorrect key: {KEYS[0][:8]}***{KEYS[0][-4:]}. See") == f"Incorrect key: {HIDDEN} See"
    )


def test_a_short_key_is_no_secret_and_hidden_only_where_it_stands_alone_in_an_error() -> None:
    hide = masker("none")
    assert hide.text("none of these") == "none of these" and hide.body(b'"none"') == b'"none"'
    assert hide.error("key none refused, nonetheless") == "key *** refused, nonetheless"


def test_words_of_a_key_are_still_words() -> None:
    hide = masker("internal-medicine-key-2026x")
    text = "Internal medicine: the internal carotid artery, medicine 2026."
    assert hide.text(text) == text


def test_no_key_no_change() -> None:
    assert masker("").text("sk-x") == "sk-x" and masker().body(b"x") == b"x"


@given(st.text(max_size=300), st.sampled_from(KEYS))
def test_honest_texts_stay_as_they_are(text: str, key: str) -> None:
    assert masker(key).text(text) == text


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(KEYS), st.sampled_from(sorted(FORMS)))
def test_whatever_stands_around_it(before: str, behind: str, key: str, form: str) -> None:
    assert FORMS[form](key) not in masker(key).text(before + FORMS[form](key) + behind)
