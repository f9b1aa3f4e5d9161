"""The training loop that ECG and angiography share."""

from collections.abc import Iterator

import pytest

from igaku.cardiology.split import split_patients
from igaku.errors import IgakuError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from igaku.cardiology.fit import cosine, fit  # noqa: E402


def fitted(errors: list[float], patience: int | None = None) -> tuple[float, list[int]]:
    """(weight of the best epoch, epochs that ran) of a loop whose weight falls by 1 each epoch."""
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    optimizer, left, epochs = torch.optim.SGD(model.parameters(), lr=1.0), iter(errors), list[int]()

    def losses() -> Iterator[torch.Tensor]:
        yield model.weight.sum()

    fit(
        model,
        optimizer,
        losses,
        lambda: next(left),
        epochs=len(errors),
        factor=lambda _: 1.0,
        patience=patience,
        on_epoch=lambda e, _: epochs.append(e),
    )
    return float(model.weight.detach()), epochs


def test_the_best_epoch_s_weights_are_used() -> None:
    assert fitted([3.0, 1.0, 2.0]) == (-2.0, [1, 2, 3])


def test_training_stops_when_patience_ends() -> None:
    assert fitted([3.0, 1.0, 2.0, 2.0, 0.5], patience=2) == (-2.0, [1, 2, 3, 4])


def test_an_error_that_is_nan_is_one_line() -> None:
    with pytest.raises(IgakuError, match="NaN or inf in epoch 2; lower the learning rate"):
        fitted([1.0, float("nan")])


def test_the_learning_rate_falls_from_one_to_none() -> None:
    assert [cosine(s, 4) for s in range(5)] == pytest.approx([1, 0.854, 0.5, 0.146, 0], abs=1e-3)


def test_five_folds_test_every_patient_once() -> None:
    patients = [f"p{i % 13}" for i in range(40)]
    tested = [i for fold in range(5) for i in split_patients(patients, seed=2, fold=fold)[2]]
    assert sorted(tested) == list(range(40))
