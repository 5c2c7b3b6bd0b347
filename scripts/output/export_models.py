"""Write a method's samples as the models of an mmCIF and a PDB file, in the frame of their deposit or archive."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.output.frames import FRAMES
from pointprior.output.models import write_models
from pointprior.reconstruction.result import Reconstruction
from pointprior.scoring.ensembles import match_to_medoid

with logged(snakemake.log[0]):
    structure, method = snakemake.wildcards.structure, snakemake.wildcards.method
    frame = FRAMES[snakemake.params.frame]
    cloud = frame.magnified(PointCloud.load(snakemake.input.cloud))
    ensemble = match_to_medoid(cloud.to_angstrom(Reconstruction.load(snakemake.input.reconstruction).points))
    title = f"{structure} reconstructed by {method} from {snakemake.params.title}"
    for path in snakemake.output:
        write_models(path, ensemble, cloud, entry=structure.replace("/", "_"), method=method, title=title, frame=frame)
