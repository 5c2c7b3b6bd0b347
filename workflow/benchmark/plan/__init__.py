"""What is computed from what: the rules' questions about one configuration, by subject.

It looks at most at whether files exist; it reads lists, never data.
"""

from pathlib import Path

from benchmark.config import Configuration
from benchmark.plan.checks import Checks
from benchmark.plan.datasets import Datasets
from benchmark.plan.experiments import Experiments
from benchmark.plan.lists import Lists
from benchmark.plan.outputs import Outputs
from benchmark.plan.own import Own
from benchmark.plan.paper import Paper
from benchmark.plan.priors import Priors
from benchmark.plan.publication import Publication
from benchmark.plan.reproduction import Reproduction
from benchmark.plan.shapes import Shapes
from benchmark.plan.showcases import Showcases
from benchmark.plan.site import Site
from benchmark.plan.structures import Structures
from benchmark.plan.tasks import Tasks


class Plan:
    """Everything that the rules ask.

    Parameters
    ----------
    settings : Configuration
        The checked configuration.
    root : Path
        The repository: where relative paths of the configuration are looked for after the working directory.
    """

    def __init__(self, settings: Configuration, root: Path):
        self.settings = settings
        lists = Lists(root)
        self.structures = Structures(settings, lists)
        self.showcases = Showcases(settings, lists, self.structures)
        self.datasets = Datasets(settings, lists)
        self.tasks = Tasks(settings, lists, self.datasets, self.structures, self.showcases)
        self.priors = Priors(settings, lists, self.datasets)
        self.own = Own(settings, lists, self.priors)
        self.shapes = Shapes(settings, self.datasets, self.tasks)
        self.paper = Paper(settings, self.datasets, self.priors, self.shapes)
        self.experiments = Experiments(settings, lists, self.datasets, self.structures, self.tasks, self.priors)
        self.outputs = Outputs(
            settings, lists, self.datasets, self.structures, self.showcases, self.tasks, self.priors, self.experiments
        )
        self.reproduction = Reproduction(
            settings,
            self.datasets,
            self.structures,
            self.showcases,
            self.tasks,
            self.priors,
            self.outputs,
            self.paper,
        )
        self.site = Site(settings, self.datasets, self.structures, self.showcases, self.outputs, self.reproduction)
        self.publication = Publication(settings, self.structures, self.showcases, self.tasks, self.outputs)
        self.checks = Checks(self)
