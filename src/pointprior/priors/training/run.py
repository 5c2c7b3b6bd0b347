"""A training run from its data to weights, card and curve; by one process or by several."""

from dataclasses import dataclass, replace
from pathlib import Path

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.distributed import launch, process_group, rank
from pointprior.priors.evaluation import describe
from pointprior.priors.slurm import launch_on_nodes
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.loop import train
from pointprior.priors.training.plan import TrainingExecution, TrainingPlan
from pointprior.priors.training.progress import Curve
from pointprior.priors.training_set import TrainingSet
from pointprior.runtime.devices import choose_device


@dataclass(frozen=True, kw_only=True)
class TrainingFiles:
    """What a training run reads and writes.

    Attributes
    ----------
    data : path
        The training set (`TrainingSet`).
    checkpoint : path
        Where the run's state is kept, and its curve beside it.
    prior : path
        Folder for weights and card.
    curve : path
        Table of the whole run.
    initial : path, optional
        Folder of a prior whose weights to start from; random ones by default.
    """

    data: Path
    checkpoint: Path
    prior: Path
    curve: Path
    initial: Path | None = None


def start_training(
    spec: NetworkSpec, plan: TrainingPlan, seed: int, files: TrainingFiles, execution: TrainingExecution, card: dict
) -> None:
    """Run `run_training` in as many processes as `execution` asks for.

    The main script must be guarded by ``if __name__ == "__main__"``, since every process imports it.

    Raises
    ------
    WorkerError
        If one of several processes fails; the others are terminated.
    """
    arguments = (spec, plan, seed, files, execution, card)
    if execution.nodes > 1:
        launch_on_nodes(run_training, execution.nodes, execution.gpus, *arguments)
    else:
        launch(run_training, execution.gpus, *arguments)


def run_training(
    spec: NetworkSpec, plan: TrainingPlan, seed: int, files: TrainingFiles, execution: TrainingExecution, card: dict
) -> None:
    """Train a prior on what is not held out; the first process writes it with its card and curve.

    Parameters
    ----------
    spec, plan, seed, execution
        As of `loop.train`.
    files : TrainingFiles
        What to read and write.
    card : dict
        What the card says besides sizes and denoising errors.

    Raises
    ------
    TrainingStopped
        On SIGTERM, once the checkpoint is written.
    """
    data = TrainingSet.load(files.data)
    trained_on = ~data.held_out
    curve = Curve(files.checkpoint.with_suffix(".csv"))
    with process_group(choose_device(execution.device)) as own_device:
        try:
            denoiser = train(
                spec,
                plan,
                data.points[trained_on],
                data.groups[trained_on],
                checkpoint=files.checkpoint,
                execution=replace(execution, device=own_device),
                seed=seed,
                counts=data.counts[trained_on],
                initial=None if files.initial is None else Denoiser.load(files.initial),
                report=curve.add,
            )
        finally:
            curve.flush()
        if rank() == 0:
            curve.save(files.curve, plan.steps)
            denoiser.save(files.prior, card | describe(denoiser, data))
