"""What a model's ``generation_config.json`` says: how it is to be sampled, and what would change greedy text.

Temperature 0 is greedy: nothing of the file is used there but the ids of special tokens. Above 0, the model's own
recommended sampling is used, and recorded in the identity.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, cast


class OwnTemperature(NamedTuple):
    """The temperature above 0 that a model's own files recommend, and which of them does."""

    value: float
    source: str


SAMPLING = {
    "top_k": (0,),
    "top_p": (1.0,),
    "min_p": (0.0,),
    "typical_p": (1.0,),
    "epsilon_cutoff": (0.0,),
    "eta_cutoff": (0.0,),
    "repetition_penalty": (1.0,),
}
"""Settings of sampling, and values that change nothing."""
CHANGES_GREEDY: Mapping[str, tuple[object, ...]] = {
    "repetition_penalty": (1.0,),
    "encoder_repetition_penalty": (1.0,),
    "no_repeat_ngram_size": (0,),
    "num_beams": (1,),
    "guidance_scale": (1.0,),
    "min_length": (0,),
    "min_new_tokens": (0,),
    "penalty_alpha": (0.0,),
    **dict.fromkeys(
        (
            "suppress_tokens",
            "begin_suppress_tokens",
            "bad_words_ids",
            "sequence_bias",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "forced_decoder_ids",
            "exponential_decay_length_penalty",
            "dola_layers",
            "watermarking_config",
            "constraints",
            "force_words_ids",
            "stop_strings",
            "max_time",
        ),
        ([], {}, 0),
    ),
}
"""Settings that would change text at temperature 0, and values that change nothing."""


def recommended(settings: Mapping[str, Any]) -> dict[str, float]:
    """The sampling that a model's file asks for, beside the temperature; empty where it says nothing."""
    return {name: settings[name] for name, idle in SAMPLING.items() if settings.get(name) not in (None, *idle)}


def own_temperature(settings: Mapping[str, Any], source: str = "generation_config.json") -> OwnTemperature | None:
    """The temperature that a model's file recommends; 1, the format's default, where it wants tokens drawn and names
    none. None where it says nothing: 1 beside no ``do_sample`` is what the reader filled in. Six digits, as a file of
    single precision holds 0.6 as 0.60000002."""
    value, drawn = settings.get("temperature"), settings.get("do_sample") is True
    if value is None:
        return OwnTemperature(1.0, f"{source}, which names none and has do_sample") if drawn else None
    known = isinstance(value, int | float) and 0 < value < math.inf and (drawn or value != 1)
    return OwnTemperature(float(f"{value:.6g}"), source) if known else None


def notes(settings: Mapping[str, Any]) -> list[str]:
    """What is not used of a model's file, in one line."""
    unused = {n: settings[n] for n, idle in CHANGES_GREEDY.items() if settings.get(n) not in (None, False, *idle)}
    if not unused:
        return []
    shown = ", ".join(f"{name}={str(value)[:40]}" for name, value in unused.items())
    retained = " (repetition_penalty only above 0)" if "repetition_penalty" in unused else ""
    return [f"generation_config.json has {shown}: not used{retained}, since temperature 0 is greedy"]


def recorded(sampling: Mapping[str, float]) -> str:
    """For the identity: the recommended sampling that replies above temperature 0 are drawn with."""
    shown = ",".join(f"{name}={value:g}" for name, value in sorted(sampling.items()))
    return f" sampling={shown}" if shown else ""


@contextmanager
def only_tokens(model: Any) -> Iterator[None]:
    """Within it, a model's generation settings are those of no file: ids of special tokens and nothing else."""
    from transformers import GenerationConfig

    own, plain = model.generation_config, cast("type[Any]", GenerationConfig)
    ids = {name: getattr(own, name, None) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    start = getattr(own, "decoder_start_token_id", None)
    model.generation_config = plain(**ids, decoder_start_token_id=start)
    try:
        yield
    finally:
        model.generation_config = own
