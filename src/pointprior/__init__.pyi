from .clouds import PointCloud as PointCloud
from .diffusion import time_steps as time_steps
from .energies import Energy as Energy
from .maximum_likelihood import maximise_likelihood as maximise_likelihood
from .observations import Observation as Observation
from .observations import Observations as Observations
from .observations import synthesise as synthesise
from .prior import Prior as Prior
from .reconstructions import Reconstruction as Reconstruction
from .samplers import sample as sample
from .scores import score as score
from .structures import read_atoms as read_atoms

__version__: str
