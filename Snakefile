# pointprior: Bayesian 3D reconstruction of point clouds with diffusion priors, as a reproducible benchmark.
# What is computed stands in config/, how it is run in profiles/, the rules in workflow/rules, one file a stage.
from snakemake.utils import min_version

min_version("9.27")


# a configuration given on the command line stands alone: what it leaves out is the default
if not workflow.overwrite_configfiles:

    configfile: f"{workflow.current_basedir}/config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/structures.smk"
include: "workflow/rules/priors.smk"
include: "workflow/rules/shapes.smk"
include: "workflow/rules/observations.smk"
include: "workflow/rules/reconstructions.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/exports.smk"
include: "workflow/rules/beyond.smk"
include: "workflow/rules/paper.smk"


localrules:
    all,
    demo,
    figures,
    tables,
    publish,
    table3,
    galleries,
    alpha_sweep,
    noise,


rule all:
    default_target: True
    input:
        plan.outputs.tables(),
        plan.outputs.figures(),
        plan.outputs.models(),


rule demo:
    input:
        plan.checks.demo,
        rules.all.input,


rule figures:
    input:
        plan.outputs.figures(),


rule tables:
    input:
        plan.outputs.tables(),


# fills docs/benchmark, which git keeps; `make redraw` draws the figures from there
rule publish:
    input:
        rules.publish_tables.output,


# of all priors; part of `all` where the prior is trained (a released one needs its training set for nothing else)
rule table3:
    input:
        rules.collect_table3.output,


rule galleries:
    input:
        plan.priors.galleries(),


# beyond the paper
rule alpha_sweep:
    input:
        # named here too, so that entries it refuses are refused although a figure exists
        plan.experiments.sweep_scores,
        rules.plot_alpha_sweep.output,


rule noise:
    input:
        plan.experiments.noise_figures(),


complete(workflow.rules, ROOT / "scripts")


onstart:
    check_beginning(workflow, plan)
