"""Conversations: each user turn is a question of its own, and its prompt holds the model's own replies before it.

So a turn has a key, a verdict and an interval like any question, its reply's journal key holds everything that was
exchanged before, and a run that was cut off goes on with the turn where it stopped. The turns of one conversation share
a ``group``; ``Question.after`` names the turn before, ``Question.conversation`` holds turns that are scripted on both
sides.
"""

from collections.abc import Mapping, Sequence

from igaku.engines.base import Engine, joined
from igaku.errors import IgakuError
from igaku.grading.reply_text import spoken
from igaku.prompts.template import Rendered
from igaku.question import Message, Question, Reply
from igaku.runs.manifest import TaskRun
from igaku.runs.store import Run

SILENCE = {"ja": "（返答なし）", "en": "(no reply)"}
"""What stands in the conversation for a reply without words (a server that refused, a model that only thought)."""
SPEAKERS = {
    "ja": {"user": "ユーザー", "assistant": "アシスタント", "system": "指示"},
    "en": {"user": "User", "assistant": "Assistant", "system": "Instructions"},
}


def is_turn(question: Question) -> bool:
    """Whether anything was said before it."""
    return bool(question.after or question.conversation)


class Conversations:
    """The conversations of one block, as far as their replies are known.

    Args:
        run: the block, in which the keys of earlier turns are noted as they become requests.
        replies: by key.
    """

    def __init__(self, run: TaskRun, replies: Mapping[str, Reply]) -> None:
        self._run, self._replies = run, replies
        self._known: dict[str, tuple[Message, ...]] = {}

    def messages(self, question: Question, rendered: Rendered) -> tuple[Message, ...]:
        """Everything up to and with this turn; () while the reply before it is missing or the engine failed on it.

        Raises:
            IgakuError: the template has no chat turns, or the turn before is not among those that are asked.
        """
        if not rendered.messages:
            raise IgakuError(
                f"{self._run.bench}, question {question.id}: a conversation needs a prompt with chat turns, and "
                f"{self._run.prompt} has none; use --prompt conversation"
            )
        before = self.before(question) if question.after else _system(rendered)
        if question.after and not before:
            return ()
        mine = (m for m in rendered.messages if m.role != "system")
        self._known[question.id] = (*before, *question.conversation, *mine)
        return self._known[question.id]

    def before(self, question: Question) -> tuple[Message, ...]:
        """The turns before a later turn, the model's replies among them; () while one of these is missing."""
        if question.after not in self._run.replies:
            raise IgakuError(
                f"{self._run.bench}: {question.id} is a later turn of the conversation that {question.after} belongs "
                "to; ask that one too (--only, --limit)"
            )
        reply = self._replies.get(self._run.replies[question.after].get("text", ""))
        earlier = self._known.get(question.after, ())
        if reply is None or reply.answer.finish == "error" or not earlier:
            return ()
        return (*earlier, Message("assistant", reply_words(reply)))


def _system(rendered: Rendered) -> tuple[Message, ...]:
    return tuple(m for m in rendered.messages if m.role == "system")


def turns_before(run: Run, task: TaskRun, question: Question) -> tuple[Message, ...]:
    """What was exchanged before a turn, from the run's own replies; () for a question that stands alone."""
    if not question.after:
        return question.conversation
    earlier = run.questions[task.bench, task.lang, question.after]
    reply = run.replies.get(task.replies[question.after].get("text", ""))
    words = reply_words(reply) if reply else SILENCE.get(question.lang, SILENCE["en"])
    own = Message("user", earlier.stem), Message("assistant", words)
    return (*turns_before(run, task, earlier), *own, *question.conversation)


def reply_words(reply: Reply) -> str:
    """What a reply is to the turns after it: its words without thinking and marks of models."""
    return spoken(reply.answer.text).text.strip() or SILENCE.get(reply.lang, SILENCE["en"])


def chat_text(engine: Engine, messages: Sequence[Message], lang: str) -> str:
    """A conversation as the model's own chat text; with the speakers' names where it has no chat template."""
    text = engine.chat(messages)
    return f"{transcript(messages, lang)}\n\n{_name('assistant', lang)}" if text == joined(messages) else text


def transcript(messages: Sequence[Message], lang: str) -> str:
    """A conversation as people read it."""
    return "\n\n".join(f"{_name(m.role, lang)} {m.content}" for m in messages)


def _name(role: str, lang: str) -> str:
    name = SPEAKERS.get(lang, SPEAKERS["en"]).get(role, role)
    return f"{name}：" if lang == "ja" else f"{name}:"
