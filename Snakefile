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
include: "workflow/rules/variants.smk"
include: "workflow/rules/own.smk"
include: "workflow/rules/scores.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/exports.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/reproduction.smk"
include: "workflow/rules/site.smk"


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
        rules.write_site.output,


# the paper's tables and figures, and the page that sets them beside the printed ones
rule paper:
    input:
        rules.all.input,
        plan.checks.experiments,
        plan.paper.tables(),
        plan.paper.scores(),
        rules.write_reproduction.output,
        rules.write_site.output,


# every other target, and what it asks for
TARGETS = {
    "tables": plan.outputs.tables(),
    "figures": plan.outputs.figures(),
    "site": rules.write_site.output,  # one page with everything to show: tables, plots, models that can be turned
    # the paper's tables; the third is of all priors, and needs their training sets, released or not
    "table1": rules.tabulate_table1.output,
    "table2": rules.tabulate_table2.output,
    "table3": rules.collect_table3.output,
    "table4": rules.tabulate_table4.output,
    # its figures
    "figure1": rules.plot_figure1.output,
    "figure2": rules.plot_showcases.output,
    "figure3": rules.plot_figure3.output,
    "figure4": rules.plot_figure4.output,
    "figure5": rules.plot_figure5.output,
    "figure6": rules.plot_figure6.output,
    "appendix_a4": plan.reproduction.appendix_figures,  # the tasks on molecules
    "heavy_atoms": plan.showcases.paper_atoms(),  # of Fig. 2's structures, which the page compares
    "reproduction": rules.write_reproduction.output,  # all of them, printed beside computed
    "galleries": plan.priors.galleries(),
    # beyond the paper; entries that the sweep refuses are refused although a figure exists
    "alpha_sweep": [plan.experiments.sweep_scores, *rules.plot_alpha_sweep.output],
    "noise": plan.experiments.noise_figures(),
    "own": plan.own.targets,  # specimens of one's own
    # fills a folder that git keeps (`published`); `make redraw` draws the figures from there
    "publish": rules.publish_tables.output,
}
for target, files in TARGETS.items():

    rule:
        name:
            target
        input:
            files,


complete(workflow.rules, ROOT / "scripts")


onstart:
    check_beginning(workflow, plan)
