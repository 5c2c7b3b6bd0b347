"""What the rules ask of priors: their weights, the jobs that train them, and the structures these learn from."""

from collections.abc import Callable
from dataclasses import fields
from functools import cached_property
from types import SimpleNamespace

from configuration import Configuration
from errors import WorkflowError
from lists import Lists, known
from prior_sections import PriorChoice, Training

from pointprior.priors.training.plan import TrainingExecution, TrainingPlan

WEIGHTS = ("weights.safetensors", "card.json")
MOST_SHARDS = 9999  # four digits name them


class Priors:
    """Answers to the rules' questions about priors, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists):
        self.settings, self.lists = settings, lists

    def gpu(self, wildcards) -> int:
        """GPUs that a job on `dps.device` asks a scheduler for."""
        return 0 if self.settings.dps.device == "cpu" else 1

    def training_gpus(self, wildcards) -> int:
        """GPUs that a training job asks for, on all its nodes."""
        training = self.prior(wildcards).training
        return self.gpu(wildcards) * training.gpus * training.nodes

    def over_nodes(self, resource: Callable[[Training], str | int]) -> Callable[..., str | int | None]:
        """A resource of training jobs that take several nodes; the others do not name it."""

        def asked(wildcards):
            training = self.prior(wildcards).training
            return resource(training) if training.nodes > 1 else None

        return asked

    def prior(self, wildcards) -> PriorChoice:
        """The prior of a requested file."""
        return known(wildcards.prior, self.settings.priors, "prior")

    def prior_files(self, wildcards) -> list[str]:
        """Weights and card that the reconstructions use."""
        folder = self.weights_folder(self.settings.prior)
        return [f"{folder}/{file}" for file in WEIGHTS]

    def weights_folder(self, prior: str) -> str:
        """Folder of the weights that a prior's `source` names."""
        folder = {"released": "released", "train": "trained"}[self.settings.priors[prior].source]
        return f"results/priors/{prior}/{folder}"

    def evaluations(self) -> list[str]:
        """Table 3's rows of every prior."""
        return [f"{self.weights_folder(prior)}/evaluation.csv" for prior in self.settings.priors]

    def galleries(self) -> list[str]:
        """Pictures of every prior's samples."""
        folders = [self.weights_folder(prior) for prior in self.settings.priors]
        return [f"{folder}/gallery.{suffix}" for folder in folders for suffix in ("pdf", "png")]

    def released_files(self, wildcards) -> list[str]:
        """Bundled weights and card of a prior."""
        folder = self.prior(wildcards).released
        if folder is None:
            raise WorkflowError(f"prior {wildcards.prior} has no released weights (priors.{wildcards.prior}.released)")
        return [str(self.lists.found(folder) / file) for file in WEIGHTS]

    def initial_files(self, wildcards) -> list[str]:
        """Weights and card that a training starts from, if not from random weights."""
        folder = self.prior(wildcards).training.initial
        return [] if folder is None else [str(self.lists.found(folder) / file) for file in WEIGHTS]

    def training_entries(self, prior: str) -> list[tuple[str, str]]:
        """Training structures of a prior with the cluster of each."""
        if prior not in self._training:
            listed = self.lists.read(self.settings.priors[prior].training.entries, f"priors.{prior}.training.entries")
            self._training[prior] = list(dict(listed).items())
        return self._training[prior]

    @cached_property
    def _training(self) -> dict[str, list[tuple[str, str]]]:
        return {}

    def training_plan(self, wildcards) -> dict:
        """What decides the weights of a prior, besides its network and its data."""
        training = self.prior(wildcards).training
        return training.model_dump(include={item.name for item in fields(TrainingPlan)})

    def training_execution(self, wildcards) -> SimpleNamespace:
        """What changes the time that a training takes, and not the weights (but for rounding)."""
        training = self.prior(wildcards).training
        names = {item.name for item in fields(TrainingExecution)} - {"device"}
        return SimpleNamespace(device=self.settings.dps.device, **training.model_dump(include=names))

    def shards(self, wildcards) -> list[str]:
        """Files of a prior's coarse-grained training structures."""
        size = self.prior(wildcards).training.shard
        count = -(-len(self.training_entries(wildcards.prior)) // size)
        if count > MOST_SHARDS:
            raise WorkflowError(f"priors.{wildcards.prior}.training.shard: {size} makes {count:,} jobs; take more each")
        return [f"results/priors/{wildcards.prior}/shards/{k:04d}.npz" for k in range(count)]

    def shard_entries(self, wildcards) -> list[str]:
        """Training structures of one shard."""
        size = self.prior(wildcards).training.shard
        start = int(wildcards.shard) * size
        return [entry for entry, _ in self.training_entries(wildcards.prior)[start : start + size]]
