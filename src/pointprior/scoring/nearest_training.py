"""Which structure that a prior learnt from is nearest to a model: does the model repeat what was learnt by heart?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from pointprior.priors.sample_quality import nearest_training_clouds
from pointprior.priors.training_set import TrainingSet
from pointprior.scoring.alignment import scale_to_gyration

YARDSTICKS = 20  # held-out structures that are looked up likewise, at most


@dataclass(frozen=True)
class NearestTraining:
    """The training structure nearest to a model, and how near held-out structures have theirs.

    Attributes
    ----------
    entry : str
        Its id.
    distance : float
        Chamfer distance (sum of both means; in the unit of the model), at the model's size, on principal axes.
    held_out : ndarray, shape=(h,)
        The same of structures that the prior has not seen, each to the training structure nearest to it.
    clouds : int
        Training structures that were looked through.
    """

    entry: str
    distance: float
    held_out: Float[np.ndarray, " h"]
    clouds: int

    @property
    def suspicious(self) -> bool:
        """Whether the model is nearer to a training structure than every held-out structure is."""
        return bool(len(self.held_out) and self.distance < self.held_out.min())


def nearest_training(model: Float[np.ndarray, "N 3"], data: TrainingSet) -> NearestTraining:
    """Look a model up among a prior's training structures.

    All are brought to the model's radius of gyration: the size of one's own specimen is an estimate.

    Parameters
    ----------
    model : ndarray, shape=(N, 3)
        Its points, in any unit.
    data : TrainingSet
        Structures that the prior was trained on, and some that were held out.

    Raises
    ------
    ValueError
        If there are no training structures.
    """
    training = int((~data.held_out).sum())
    if not training:
        raise ValueError("there are no training structures to look a model up in")
    clouds = [scale_to_gyration(cloud, model)[0] for cloud in data.of_one_size(np.arange(len(data.points)))]
    scaled = TrainingSet(np.stack(clouds).astype(np.float32), data.groups, data.entries, data.held_out)
    table = nearest_training_clouds(model[None].astype(np.float32), scaled, yardsticks=YARDSTICKS)
    own, others = table[table["set"] == "prior"].iloc[0], table[table["set"] == "held out"]
    return NearestTraining(str(own["nearest"]), float(own["chamfer"]), others["chamfer"].to_numpy(), training)
