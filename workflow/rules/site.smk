# one page with everything to show: tables, plots, and models that can be turned in the browser
rule write_site:
    input:
        scores=plan.site.scores,
        coverage=plan.site.coverage,
        observations=lambda wildcards: plan.site.files(paths.OBSERVATIONS),
        clouds=lambda wildcards: plan.site.files(paths.CLOUD),
        models=lambda wildcards: plan.site.files(paths.RECONSTRUCTION),
        deposits=plan.site.deposits,
    output:
        paths.SITE,
    localrule: True
    conda:
        "../../envs/site.yaml"
    params:
        tasks=plan.site.tasks(),
        exhibits=lambda wildcards: plan.site.named(),
        methods=plan.site.methods(),
        traced=lambda wildcards: plan.site.traced,
        assembly=settings.structures.assembly,
        facts=plan.site.facts(),
    script:
        "../../scripts/output/write_site.py"
