# pointprior: Bayesian 3D reconstruction of point clouds with diffusion priors, as a reproducible benchmark.
# What is computed stands in config/, how it is run in profiles/, the rules in workflow/rules, one file per stage.
import os

from snakemake.utils import min_version

min_version("9.27")


# a configuration given on the command line stands alone: what it leaves out is the default
if not workflow.overwrite_configfiles:

    configfile: f"{workflow.current_basedir}/config/config.yaml"


report: "workflow/report/workflow.rst"


# an image of the environments, made by envs/Dockerfile; used with --sdm conda apptainer
if image := os.getenv("POINTPRIOR_CONTAINER"):

    containerized: image


include: "workflow/rules/common.smk"
include: "workflow/rules/structures.smk"
include: "workflow/rules/priors.smk"
include: "workflow/rules/shapes.smk"
include: "workflow/rules/observations.smk"
include: "workflow/rules/reconstructions.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/exports.smk"
include: "workflow/rules/beyond.smk"
include: "workflow/rules/own.smk"
include: "workflow/rules/paper.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/reproduction.smk"


localrules:
    all,
    demo,
    figures,
    tables,
    publish,
    paper,
    table1,
    table2,
    table3,
    table4,
    figure1,
    figure2,
    figure3,
    figure4,
    figure5,
    figure6,
    appendix_a4,
    reproduction,
    galleries,
    alpha_sweep,
    noise,
    own,


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


# the paper's tables and figures, and the page that sets them beside the printed ones
rule paper:
    input:
        rules.all.input,
        plan.checks.experiments,
        plan.paper.tables(),
        plan.paper.scores(),
        rules.write_reproduction.output,


rule table1:
    input:
        rules.tabulate_table1.output,


rule table2:
    input:
        rules.tabulate_table2.output,


# of all priors: it needs their training sets, released or not
rule table3:
    input:
        rules.collect_table3.output,


rule table4:
    input:
        rules.tabulate_table4.output,


rule figure1:
    input:
        rules.plot_figure1.output,


rule figure2:
    input:
        rules.plot_showcases.output,


rule figure3:
    input:
        rules.plot_figure3.output,


rule figure4:
    input:
        rules.plot_figure4.output,


rule figure5:
    input:
        rules.plot_figure5.output,


rule figure6:
    input:
        rules.plot_figure6.output,


# the tasks on molecules
rule appendix_a4:
    input:
        plan.reproduction.appendix_figures,


# every table and figure of the paper, printed beside computed
rule reproduction:
    input:
        rules.write_reproduction.output,


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


# specimens of one's own
rule own:
    input:
        plan.own.targets,


complete(workflow.rules, ROOT / "scripts")


onstart:
    check_beginning(workflow, plan)
