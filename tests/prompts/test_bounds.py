"""Templates of others: every one ends within seconds, in its text or in one line; what does not exist is an error."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from igaku import load_benchmark
from igaku.errors import IgakuError
from igaku.io.jinja.bounded import Bounded, Fault
from igaku.io.jinja.simple import is_simple
from igaku.prompts import load_prompt, prompt_names
from igaku.prompts.template import Prompt
from igaku.question import Choices, Question

CARD = '+++\ntitle = "t"\nlang = "ja"\n+++\n'
Q = Question(id="1", lang="ja", stem="正しいのはどれか。", choices=("甲", "乙", "丙"), key=Choices.letters("b"))


def render(body: str) -> str:
    return Prompt("t", CARD + body, "t.jinja").render(Q).text


GREEDY = {
    "times": "{{ 'a' * 1000000000 }}",
    "a list": "{{ [1] * 1000000000 }}",
    "power": "{{ (9 ** (9 ** 9)) % 7 }}",
    "percent": "{{ '%1000000000d' % 1 }}",
    "percent star": "{{ '%*d' % (1000000000, 1) }}",
    "format": "{{ '{:>1000000000}'.format(stem) }}",
    "center": "{{ stem.center(1000000000) }}",
    "center filter": "{{ stem | center(1000000000) }}",
    "mapped center": "{{ choices | map(attribute='text') | map('center', 1000000000) | join }}",
    "ljust": "{{ stem.ljust(1000000000) }}",
    "zfill": "{{ '1'.zfill(1000000000) }}",
    "batch": "{{ [1] | batch(1000000000, 'x') | list }}",
    "slice": "{{ [1] | slice(1000000000) | list }}",
    "doubled": "{% set a = stem %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "joined": "{{ (stem * 9000) | list | join(stem * 9000) }}",
    "replaced": "{{ ('a' * 99999) | replace('a', 'b' * 99999) }}",
    "loops": "{% for a in 'a' * 99999 %}" * 3 + "{% endfor %}" * 3,
    "lists in lists": "{% set a = [1, 1] %}" + "{% set a = [a, a] %}" * 50 + "{{ a }}",
    "equal lists": "{% set a = ['x' * 99999] * 99999 %}{% set b = ['x' * 99999] * 99999 %}{{ a == b }}",
}


@pytest.mark.parametrize("name", GREEDY)
def test_a_greedy_template_ends_in_one_line(name: str) -> None:
    since = time.monotonic()
    with pytest.raises(IgakuError, match=r"t\.jinja") as caught:
        render(GREEDY[name])
    assert time.monotonic() - since < 20
    assert "\n" not in str(caught.value) and "IGAKU_MAX_TEMPLATE_" in str(caught.value)


DEEP = {
    "brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "sums": "{{ " + "+".join(["1"] * 5000) + " }}",
    "conditions": "{% if 1 %}" * 2000 + "{% endif %}" * 2000,
    "loops": "{% for a in [1] %}" * 30 + "{% endfor %}" * 30,
    "loops over choices": "{% for a in choices %}" * 30 + "{% endfor %}" * 30,
    "nots": "{{ " + "not " * 5000 + "1 }}",
    "minus": "{{ " + "-" * 5000 + "1 }}",
    "a chain": "{{ stem" + ".x" * 5000 + " }}",
    "filters": "{{ stem" + "|upper" * 5000 + " }}",
    "recursion": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "a recursive loop": "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a long number": "{{ " + "9" * 5000 + " }}",
    "half a character": "{{ '\\ud800' }}",
    "no end": "{{ ",
    "an assertion": "{% extends 'x' %}",
    "division": "{{ 1 // 0 }}",
}


@pytest.mark.parametrize("name", DEEP)
def test_a_deep_or_broken_template_is_one_line(name: str) -> None:
    since = time.monotonic()
    with pytest.raises(IgakuError, match=r"t\.jinja") as caught:
        render(DEEP[name])
    assert time.monotonic() - since < 20 and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        "{{ choices | map(attribute='txt') | list }}",
        "{{ choices | map(attribute='txt') | join }}",
        "{{ choices | map(attribute='txt') | list | length }}",
        "{{ choices | join(attribute='txt') }}",
        "{{ choices | selectattr('txt') | list }}",
        "{{ choices | selectattr('txt', 'none') | list }}",
        "{{ choices | rejectattr('txt', 'equalto', 1) | list }}",
        "{{ choices | sort(attribute='txt') | list }}",
        "{{ choices | groupby('txt') | list }}",
        "{{ choices | unique(attribute='txt') | list }}",
        "{{ choices | sum(attribute='txt') }}",
        "{{ choices | map('attr', 'txt') | list }}",
        "{{ [choices[0].txt] }}",
        "{{ [choices[0].txt] | first }}",
        "{{ [choices[0].txt] | tojson }}",
        "{{ {'a': choices[0].txt} }}",
        "{{ choices[0].txt ~ 'x' }}",
        "{{ choices[0].txt | items | list }}",
        "{{ choices[0].txt | default('x') }}",
        "{{ choices[0].txt | d }}",
        "{% if choices[0].txt is defined %}{% endif %}",
        "{% if choices[0].txt is none %}{% endif %}",
        "{% if choices[0].txt is string %}{% endif %}",
        "{{ stemm | default('x') }}",
        "{% if false %}{{ stemm }}{% endif %}",
        "{% if stemm is defined %}{% endif %}",
        "{{ '%r' | format(choices[0].txt) }}",
        "{{ choices[9].text }}",
        "{{ [] | first }}",
    ],
)
def test_what_does_not_exist_stays_an_error_through_every_filter(body: str) -> None:
    with pytest.raises(IgakuError, match=r"t\.jinja.*(txt|stemm|no element|No first)"):
        render(body)


def test_a_slot_that_only_some_cards_fill_may_be_asked_for() -> None:
    assert render("{{ penalty | default('none') }}{% if count is defined %}!{% endif %}") == "none"
    assert render("{{ {'a': 1}.b | default(2) }}{{ [] | first | default('-') }}") == "2-"


def test_the_worker_writes_what_this_process_writes() -> None:
    worker = Bounded()
    for name in prompt_names():
        prompt = load_prompt(name)
        body = prompt.source.split("+++\n", 2)[2]
        question = replace(load_benchmark("mini").load("ja")[0], documents=("甲", "乙"))
        if prompt.card.judges:
            continue
        slots = {**prompt._slots(question, ()), "shots": [prompt._shot(question)]}
        assert worker.run(body, name, slots, "n") == prompt._body.text(slots, "n"), name


def test_after_a_template_that_broke_it_the_worker_goes_on() -> None:
    worker = Bounded()
    for _ in range(2):
        with pytest.raises(IgakuError, match="too long"):
            worker.run("{% for a in 'a' * 99999 %}{% for b in 'b' * 99999 %}{% endfor %}{% endfor %}", "w", {})
        assert worker.run("{{ stem | center(9) }}", "w", {"stem": "x"}) == "    x    "


def test_the_worker_sees_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGAKU_API_KEY", "sk-1")
    worker = Bounded()
    assert worker.run("{{ stem }}", "w", {"stem": "x"}) == "x"
    assert worker._process
    assert b"sk-1" not in Path(f"/proc/{worker._process.pid}/environ").read_bytes()


def test_the_limit_can_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "{{ 'a' * 2000000 }}"
    monkeypatch.setenv("IGAKU_MAX_TEMPLATE_MB", "1")
    with pytest.raises(IgakuError, match="IGAKU_MAX_TEMPLATE_MB"):
        Bounded().run(body, "w", {})
    monkeypatch.setenv("IGAKU_MAX_TEMPLATE_MB", "3")
    assert len(str(Bounded().run(body, "w", {}))) == 2_000_000


def test_the_ordinary_templates_need_no_worker() -> None:
    bodies = {n: load_prompt(n).source.split("+++\n", 2)[2] for n in prompt_names()}
    assert sum(is_simple(b) for b in bodies.values()) > len(bodies) * 0.8, [
        n for n, b in bodies.items() if not is_simple(b)
    ]
    assert is_simple("{{ stem }}{% for c in choices %}{{ c.letter }}. {{ c.text | trim }}\n{% endfor %}")


@pytest.mark.parametrize(
    "body", [*GREEDY.values(), "{{ choices | map('center', 9) | list }}", "{{ stem|list|join(stem) }}"]
)
def test_what_could_grow_is_not_simple(body: str) -> None:
    assert not is_simple(body)


def test_a_models_chat_template_is_bounded_like_any_other() -> None:
    worker = Bounded()
    slots: dict[str, object] = {"messages": [{"role": "user", "content": "x"}]}
    assert worker.run("{% for m in messages %}{{ m.role }}{% endfor %}", "w", slots, chat=True) == "user"
    for body in (
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
    ):
        with pytest.raises(IgakuError, match="IGAKU_MAX_TEMPLATE_"):
            worker.run(body, "w", slots, chat=True)
    found = worker.run("{{ raise_exception('no system turn') }}", "w", slots, chat=True)
    assert isinstance(found, Fault) and "no system turn" in found.message
    whole = "{% generation %}a{% endgeneration %}{{ strftime_now('%Y') | length }}{{ messages | tojson }}"
    assert worker.run(whole, "w", slots, chat=True) == 'a4[{"role": "user", "content": "x"}]'
