"""Where everything lies: every file of `results/`, as a template with the wildcards of the rules."""

from pointprior.output.own import HOMOLOGUE
from pointprior.output.own import SUFFIXES as OWN_SUFFIXES

RESULTS = "results"
CHECKPOINTS = f"{RESULTS}/checkpoints"
LOGS = f"{RESULTS}/logs"
BENCHMARKS = f"{RESULTS}/benchmarks"
STANDIN = f"{RESULTS}/standin/shapes.zip"  # generated objects in the layout of ShapeNet's part annotation

# folders beside those of structures and data sets
FOLDERS = (
    *("tables", "figures", "priors", "alpha_sweep", "variants", "deposits", "standin"),
    *("checkpoints", "logs", "benchmarks", "own"),
)

# of a structure, which is a PDB id, or dataset/shape
DEPOSIT = f"{RESULTS}/deposits/{{structure}}.cif.gz"
ATOMS = f"{RESULTS}/{{structure}}/atoms.npz"
CLOUD = f"{RESULTS}/{{structure}}/cloud.npz"
SECOND_FIT = f"{RESULTS}/{{structure}}/second_fit.npz"
CLOUD_REPORT = f"{RESULTS}/{{structure}}/cloud.json"
STRUCTURE_SCORES = f"{RESULTS}/{{structure}}/rmsd.csv"

# of a structure and a task
TASK = f"{RESULTS}/{{structure}}/{{task}}"
OBSERVATIONS = f"{TASK}/observations.npz"
RECONSTRUCTION = f"{TASK}/{{method}}.npz"
SCORES = f"{TASK}/{{method}}.csv"
TASK_SCORES = f"{TASK}/scores.csv"  # of all methods that are compared
TASK_COVERAGE = f"{TASK}/coverage.csv"
MODELS_CIF = f"{TASK}/{{method}}.cif"
MODELS_PDB = f"{TASK}/{{method}}.pdb"
MEAN_DENSITY = f"{TASK}/{{method}}_mean.mrc"
LOCALISATION_DENSITY = f"{TASK}/{{method}}_localisation.mrc"
CHIMERAX_VIEW = f"{TASK}/{{method}}.cxc"
PYMOL_VIEW = f"{TASK}/{{method}}.pml"
OPENED = (MODELS_CIF, MODELS_PDB, MEAN_DENSITY, LOCALISATION_DENSITY, CHIMERAX_VIEW, PYMOL_VIEW)

# of a specimen of one's own
OWN = f"{RESULTS}/own/{{name}}"
OWN_MEASUREMENTS = f"{OWN}/measurements.npz"
OWN_READINGS = f"{OWN}/readings.csv"
OWN_MODELS = f"{OWN}/{{method}}.npz"
OWN_PAGE = f"{OWN}/report.html"
OWN_HOMOLOGUE = f"{OWN}/{HOMOLOGUE}"
OWN_OUTPUTS = [f"{OWN}/{{method}}{suffix}" for suffix in OWN_SUFFIXES]

# of a prior; `folder` is released or trained
PRIORS = f"{RESULTS}/priors"
PRIOR = f"{PRIORS}/{{prior}}"
UNCONDITIONAL_SAMPLES = f"{PRIOR}/unconditional_{{points}}.npz"
SHARD = f"{PRIOR}/shards/{{shard}}.npz"
TRAINING_CLOUDS = f"{PRIOR}/training_clouds.npz"
REFERENCE_CLOUDS = f"{PRIOR}/reference_clouds.npz"
TRAINING_FAILURES = f"{PRIOR}/failures.csv"
WEIGHTS_FOLDER = f"{PRIOR}/{{folder}}"
WEIGHTS = f"{WEIGHTS_FOLDER}/weights.safetensors"
CARD = f"{WEIGHTS_FOLDER}/card.json"
TRAINING_CURVE = f"{PRIOR}/trained/curve.csv"
PRIOR_SAMPLES = f"{WEIGHTS_FOLDER}/samples.npz"
EVALUATION = f"{WEIGHTS_FOLDER}/evaluation.csv"
NEAREST_CLOUDS = f"{WEIGHTS_FOLDER}/nearest.csv"
CHECKPOINT = f"{CHECKPOINTS}/{{prior}}.safetensors"

# of all structures
TABLE = f"{RESULTS}/tables/{{table}}.csv"
ALL_SCORES = TABLE.format(table="scores")
SHAPE_SCORES = TABLE.format(table="shapes")
COVERAGE = TABLE.format(table="coverage")

# the paper beside this run
REPRODUCTION = tuple(f"{RESULTS}/reproduction.{suffix}" for suffix in ("html", "md"))
PUBLISHED_REPRODUCTION = "docs/reproduction"  # the page with its pictures and tables, kept with the code

SITE = f"{RESULTS}/index.html"  # the page of results, which needs no other file

# figures, without the suffix: each is a .pdf and a .png
TASK_FIGURE = f"{RESULTS}/figures/{{task}}"
ATOMIC_TASK_FIGURE = f"{RESULTS}/figures/atomic/{{task}}"
RECONSTRUCTION_FIGURE = f"{RESULTS}/figures/reconstructions/{{structure}}_{{task}}"
NOISE_FIGURE = f"{RESULTS}/figures/noise/{{task}}"
CALIBRATION_FIGURE = f"{RESULTS}/figures/calibration"
PAPER_FIGURE = f"{RESULTS}/figures/figure{{number}}"
SHOWCASE_FIGURE = PAPER_FIGURE.format(number=2)
TRAINING_FIGURE = f"{WEIGHTS_FOLDER}/curve"
GALLERY_FIGURE = f"{WEIGHTS_FOLDER}/gallery"
SWEEP_FIGURE = f"{RESULTS}/alpha_sweep/alpha_sweep"

# of diffusion posterior sampling by other integrators or in other steps: Table 2 and Fig. 6
VARIANT_SCORES = f"{RESULTS}/variants/{{structure}}/{{task}}/{{variant}}.csv"
INTEGRATOR_SCORES = TABLE.format(table="integrators")
TIME_STEP_SCORES = TABLE.format(table="time_steps")

# of the guidance strengths
SWEEP_SCORES = f"{RESULTS}/alpha_sweep/{{structure}}/{{task}}/{{alpha}}.csv"
ALL_SWEEP_SCORES = f"{RESULTS}/alpha_sweep/scores.csv"


def drawn(stem: str) -> list[str]:
    """Both files of a figure."""
    return [f"{stem}.{suffix}" for suffix in ("pdf", "png")]


def models_of(method: str) -> str:
    """The models of one method."""
    return RECONSTRUCTION.replace("{method}", method)


def in_folder(template: str, folder: str) -> str:
    """A file of a prior's weights in one of its folders, "released" or "trained"."""
    return template.replace("{folder}", folder)
