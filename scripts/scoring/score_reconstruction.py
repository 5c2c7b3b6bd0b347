"""Score every sample of a method against the truth."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.files import atomic_write
from pointprior.scoring.scores import score
from pointprior.structures.atoms import Atoms

with logged(snakemake.log[0]):
    reconstruction = Reconstruction.load(snakemake.input.reconstruction)
    cloud = PointCloud.load(snakemake.input.cloud)
    atoms = Atoms.load(snakemake.input.atoms) if snakemake.input.atoms else None
    table = score(reconstruction.points, cloud, atoms, alignment=snakemake.params.alignment)
    for place, name in enumerate(("structure", "task", "method")):
        table.insert(place, name, snakemake.wildcards[name])
    after = table.columns.get_loc("emd") + 1
    table.insert(after, "energy", reconstruction.energy)
    table.insert(after + 1, "energy_truth", Reconstruction.load(snakemake.input.truth).energy[0])
    table = table.assign(nfe=reconstruction.nfe, seconds=reconstruction.seconds)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)
