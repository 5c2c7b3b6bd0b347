"""Compare a prior's samples with held-out clouds (Table 3), and with what it was trained on."""

from joblog import logged

from tqdm import tqdm

from pointprior.priors.packing import compared_with
from pointprior.priors.sample_quality import compare_with_held_out, nearest_training_clouds
from pointprior.priors.training_set import TrainingSet
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]) as log:
    samples = Reconstruction.load(snakemake.input.samples).points
    data = TrainingSet.load(snakemake.input.clouds)
    if snakemake.input.references:
        data = compared_with(data, TrainingSet.load(snakemake.input.references[0]))
    with tqdm(file=log, mininterval=10, unit="cloud") as bar:
        how = {"threads": snakemake.threads, "progress": bar.update}
        params = snakemake.params
        table = compare_with_held_out(samples, data, augmentation=params.augmentation, seed=params.seed, **how)
        nearest = nearest_training_clouds(samples, data, **how)
    for result, path in ((table, snakemake.output.table), (nearest, snakemake.output.nearest)):
        with atomic_write(path) as temporary:
            result.to_csv(temporary, index=False)
