"""Score every sample of a method against the truth, in some tasks."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.files import atomic_write
from pointprior.scoring.scores import score
from pointprior.structures.atoms import Atoms

with logged(snakemake.log[0]):
    files, wildcards = snakemake.input, snakemake.wildcards
    cloud = PointCloud.load(files.cloud)
    atoms = Atoms.load(files.atoms) if files.atoms else None
    jobs = zip(snakemake.params.tasks, files.reconstructions, files.truths, snakemake.output, strict=True)
    for task, models, truth, path in jobs:
        reconstruction = Reconstruction.load(models)
        table = score(reconstruction.points, cloud, atoms, alignment=snakemake.params.alignment)
        for place, name in enumerate(("structure", "task", "method")):
            table.insert(place, name, task if name == "task" else wildcards[name])
        after = table.columns.get_loc("emd") + 1
        table.insert(after, "energy", reconstruction.energy)
        table.insert(after + 1, "energy_truth", Reconstruction.load(truth).energy[0])
        table = table.assign(nfe=reconstruction.nfe, seconds=reconstruction.seconds)
        with atomic_write(path) as temporary:
            table.to_csv(temporary, index=False)
