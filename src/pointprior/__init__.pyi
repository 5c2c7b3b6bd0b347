from .clouds import PointCloud as PointCloud
from .measurements.energy import Energy as Energy
from .measurements.observations import Observation as Observation
from .measurements.observations import Observations as Observations
from .measurements.synthesis import synthesise as synthesise
from .priors.denoiser import Denoiser as Denoiser
from .reconstruction.dps import sample as sample
from .reconstruction.guidance import Guidance as Guidance
from .reconstruction.maximum_likelihood import maximise_likelihood as maximise_likelihood
from .reconstruction.result import Reconstruction as Reconstruction
from .reconstruction.schedule import Schedule as Schedule
from .scoring.scores import score as score
from .structures.atoms import read_atoms as read_atoms

__version__: str
