"""Several processes on one machine train as one does, and share batches equally."""

import numpy as np
import pytest
import torch
from tiny_training import SPEC, ellipsoids, plan, train, weights

from pointprior.priors.distributed import launch, local_batch, process_group, rank
from pointprior.priors.training.plan import TrainingExecution


def _train_as_one_of_several(clouds, folder):
    torch.set_num_threads(1)
    rows = []
    with process_group("cpu") as device:
        execution = TrainingExecution(device=device)
        checkpoint = folder / "g.safetensors"
        denoiser = train(SPEC, plan(), *clouds, checkpoint=checkpoint, execution=execution, report=rows.append)
        number = rank()
    np.savez(folder / f"rank{number}.npz", weights=weights(denoiser).numpy(), loss=[row["loss"] for row in rows])


def test_two_processes_train_as_one_does(tmp_path):
    """The same losses and weights to rounding; only the first process reports."""
    clouds = ellipsoids()
    launch(_train_as_one_of_several, 2, clouds, tmp_path)
    losses = []
    alone = train(
        SPEC, plan(), *clouds, checkpoint=tmp_path / "h.safetensors", report=lambda row: losses.append(row["loss"])
    )
    first, second = (np.load(tmp_path / f"rank{number}.npz") for number in range(2))
    np.testing.assert_allclose(first["loss"], losses, rtol=1e-5)
    np.testing.assert_allclose(first["weights"], weights(alone).numpy(), atol=1e-5)
    np.testing.assert_array_equal(first["weights"], second["weights"])
    assert len(second["loss"]) == 0


def test_batches_are_shared_equally_or_not_at_all(monkeypatch):
    batch = torch.arange(6)
    assert torch.equal(local_batch(batch), batch)
    monkeypatch.setattr("pointprior.priors.distributed.world_size", lambda: 3)
    monkeypatch.setattr("pointprior.priors.distributed.rank", lambda: 1)
    assert local_batch(batch).tolist() == [2, 3]
    with pytest.raises(ValueError, match="a batch of 7 clouds cannot be shared equally by 3 processes"):
        local_batch(torch.arange(7))
