"""What the rules ask of priors: their weights, the jobs that train them, and the structures these learn from."""

from collections.abc import Callable
from dataclasses import fields
from functools import cached_property, partial
from pathlib import Path
from types import SimpleNamespace

from benchmark import paths
from benchmark.config import Configuration
from benchmark.config.priors import PriorChoice, Training, TrainingData
from benchmark.errors import WorkflowError
from benchmark.plan.checks import known
from benchmark.plan.datasets import Datasets
from benchmark.plan.lists import Lists
from pointprior.priors.training.plan import Packing, TrainingExecution
from pointprior.priors.training_set import REPLAY

WEIGHTS = ("weights.safetensors", "card.json")  # in any folder of a prior
FOLDERS = {"released": "released", "refine": "refined", "train": "trained"}  # of a prior's `source`
MOST_SHARDS = 9999  # four digits name them


class Priors:
    """Answers to the rules' questions about priors, for one configuration."""

    def __init__(self, settings: Configuration, lists: Lists, datasets: Datasets):
        self._settings, self._lists, self._datasets = settings, lists, datasets

    def gpu(self, wildcards) -> int:
        """GPUs that a job on `execution.device` asks a scheduler for."""
        return 0 if self._settings.execution.device == "cpu" else 1

    def training_gpus(self, wildcards) -> int:
        """GPUs that a training job asks for, on all its nodes."""
        training = self.prior(wildcards).training
        return self.gpu(wildcards) * training.gpus * training.nodes

    def node_resources(self) -> dict[str, Callable[..., str | int | None]]:
        """Resources of training jobs that take several nodes, as the SLURM executor knows them; none of the others.

        The script starts the processes itself (`mpi`), one per GPU and as many on every node.
        """
        asked: dict[str, Callable[[Training], str | int]] = {
            "nodes": lambda training: training.nodes,
            "tasks": lambda training: training.nodes * training.gpus,
            "tasks_per_gpu": lambda training: 0,  # else it takes `tasks` for that
            "mpi": lambda training: "srun",
            "slurm_extra": lambda training: f"--ntasks-per-node={training.gpus}",
        }
        return {name: partial(self._over_nodes, resource) for name, resource in asked.items()}

    def _over_nodes(self, resource: Callable[[Training], str | int], wildcards) -> str | int | None:
        training = self.prior(wildcards).training
        return resource(training) if training.nodes > 1 else None

    def prior(self, wildcards) -> PriorChoice:
        """The prior of a requested file."""
        return known(wildcards.prior, self._settings.priors, "prior")

    def deciding_training(self, wildcards) -> dict:
        """What decides the weights besides network, data and seed, as plain values."""
        training = self.prior(wildcards).training
        return training.deciding(without=("initial", *TrainingData.model_fields))

    def cloud_recipe(self, wildcards) -> dict:
        """How a prior's training structures become clouds."""
        training = self.prior(wildcards).training
        fit = self._settings.coarse_grain.deciding() | {"engine": training.engine}
        return {
            "assembly": self._settings.structures.assembly,
            "fits": training.fits,
            "sub_assemblies": training.sub_assemblies,
            "seed": self._settings.seed,
            "components": fit.pop("components"),
            "fit": fit,
        }

    def packing(self, wildcards) -> dict:
        """What decides which training clouds are packed, and which of them are held out."""
        training = self.prior(wildcards).training
        chosen = {key.name: getattr(training, key.name) for key in fields(Packing)}
        return {"clusters": dict(self.training_entries(wildcards.prior)), "chosen": chosen}

    def prior_files(self, wildcards) -> list[str]:
        """Weights and card of the prior that reconstructs a structure; by default of the molecules'."""
        prior = getattr(wildcards, "prior", None)
        if prior is None and hasattr(wildcards, "structure"):
            prior = self._datasets.prior(wildcards.structure)
        return [self.place(template, prior) for template in (paths.WEIGHTS, paths.CARD)]

    def unconditional(self, structure: str) -> str:
        """Samples without measurements of the prior that reconstructs a structure, of as many points."""
        prior, points = self._datasets.prior(structure), self._datasets.points(structure)
        return paths.UNCONDITIONAL_SAMPLES.format(prior=prior, points=points)

    def unconditional_schedule(self, wildcards) -> dict:
        """How a prior is sampled without measurements."""
        beta = self.prior(wildcards).beta
        return self._settings.unconditional.deciding() | ({} if beta is None else {"beta": beta})

    def place(self, template: str, prior: str | None = None) -> str:
        """A file of the weights that a prior's `source` names; by default of the prior that reconstructs."""
        prior = prior or self._settings.prior
        return template.format(prior=prior, folder=FOLDERS[self._settings.priors[prior].source])

    # ---- priors of shapes

    @property
    def of_shapes(self) -> str:
        """Regular expression of the priors that learn from shapes; one that fits nothing if there are none."""
        return "|".join(self._learnt) or "(?!)"

    @property
    def _learnt(self) -> dict[str, str]:
        """The data set of every prior that learns from shapes."""
        training = {name: choice.training.dataset for name, choice in self._settings.priors.items()}
        return {name: dataset for name, dataset in training.items() if dataset is not None}

    def archive_of(self, wildcards) -> list[str]:
        """The archive of a prior's data set, if a rule makes it."""
        return self._datasets.archive_file(self._learnt[wildcards.prior])

    def archive(self, wildcards) -> SimpleNamespace:
        """Where a prior's training shapes are read from."""
        return self._datasets.archive(self._learnt[wildcards.prior])

    def shape_packing(self, wildcards) -> dict:
        """What decides which shapes a prior learns from."""
        data = self._settings.datasets[self._learnt[wildcards.prior]]
        return {"categories": data.categories, "points": data.points}

    def references(self, wildcards) -> list[str]:
        """Clouds that a prior's samples are compared with, where these are not the training's validation clouds.

        Those of shapes are the test split's, as the paper's percentages say.
        """
        return [paths.REFERENCE_CLOUDS.format(prior=wildcards.prior)] * (wildcards.prior in self._learnt)

    def counted(self, wildcards) -> str:
        """Clouds of which as many are held out as samples are drawn for Table 3."""
        return (self.references(wildcards) or [paths.TRAINING_CLOUDS.format(prior=wildcards.prior)])[0]

    def sampled_points(self, wildcards) -> int | None:
        """Points of a sample for Table 3: as many as shapes have; None: as the training clouds."""
        name = self._learnt.get(wildcards.prior)
        return None if name is None else self._settings.datasets[name].points

    # ---- all priors

    def evaluations(self) -> list[str]:
        """Table 3's rows of every prior that it compares."""
        return [self.place(paths.EVALUATION, prior) for prior in self.compared]

    @property
    def compared(self) -> list[str]:
        """Priors of Table 3."""
        return self._settings.evaluation.priors or list(self._settings.priors)

    def galleries(self) -> list[str]:
        """Pictures of the samples of these priors."""
        stems = [self.place(paths.GALLERY_FIGURE, prior) for prior in self.compared]
        return [file for stem in stems for file in paths.drawn(stem)]

    def released_files(self, wildcards) -> list[str]:
        """Bundled weights and card of a prior."""
        folder = self.prior(wildcards).released
        if folder is None:
            raise WorkflowError(f"prior {wildcards.prior} has no released weights (priors.{wildcards.prior}.released)")
        return [str(self._lists.found(folder) / file) for file in WEIGHTS]

    def clouds_at_hand(self, name: str) -> list[str]:
        """Clouds that a prior was trained on: its own, or those that lie in the released folder, if any do.

        None of a refined prior: it has seen relatives besides, and a page would name the second nearest.
        """
        choice = known(name, self._settings.priors, "prior")
        if choice.source == "train":
            return [paths.TRAINING_CLOUDS.format(prior=name)]
        if choice.source == "refine":
            return []
        beside = self._lists.found(f"{choice.released}/{REPLAY}")
        return [str(beside)] if beside.is_file() else []

    def replay(self, wildcards) -> str:
        """General clouds that a refinement mixes in."""
        choice = self.prior(wildcards)
        given = choice.refinement.replay
        return str(self._lists.found(given or f"{choice.released}/{REPLAY}"))

    def refinement(self, wildcards) -> dict:
        """What decides a refinement besides the prior that it starts from and the seed, as plain values."""
        return self.prior(wildcards).refinement.deciding(without=("structures", "replay"))

    def relatives_at_hand(self, wildcards) -> list[str]:
        """Files of structures that a prior is refined on; what is no file is an id."""
        return [structure for structure in self.relatives(wildcards) if Path(structure).suffix]

    def relatives(self, wildcards) -> list[str]:
        """Structures that a prior is refined on."""
        return self.prior(wildcards).refinement.structures

    def initial_files(self, wildcards) -> list[str]:
        """Weights and card that a training starts from, if not from random weights."""
        folder = self.prior(wildcards).training.initial
        return [] if folder is None else [str(self._lists.found(folder) / file) for file in WEIGHTS]

    def training_entries(self, prior: str) -> list[tuple[str, str]]:
        """Training structures of a prior with the cluster of each."""
        if prior not in self._training:
            listed = self._lists.read(self._settings.priors[prior].training.entries, f"priors.{prior}.training.entries")
            self._training[prior] = list(dict(listed).items())
        return self._training[prior]

    @cached_property
    def _training(self) -> dict[str, list[tuple[str, str]]]:
        return {}

    def training_execution(self, wildcards) -> SimpleNamespace:
        """What changes the time that a training takes, and not the weights (but for rounding)."""
        training = self.prior(wildcards).training
        names = {item.name for item in fields(TrainingExecution)} - {"device"}
        return SimpleNamespace(device=self._settings.execution.device, **training.model_dump(include=names))

    def shards(self, wildcards) -> list[str]:
        """Files of a prior's coarse-grained training structures."""
        size = self.prior(wildcards).training.shard
        count = -(-len(self.training_entries(wildcards.prior)) // size)
        if count > MOST_SHARDS:
            raise WorkflowError(f"priors.{wildcards.prior}.training.shard: {size} makes {count:,} jobs; take more each")
        return [paths.SHARD.format(prior=wildcards.prior, shard=f"{k:04d}") for k in range(count)]

    def shard_entries(self, wildcards) -> list[str]:
        """Training structures of one shard."""
        size = self.prior(wildcards).training.shard
        start = int(wildcards.shard) * size
        return [entry for entry, _ in self.training_entries(wildcards.prior)[start : start + size]]
