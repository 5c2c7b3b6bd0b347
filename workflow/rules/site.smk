rule write_site:
    input:
        unpack(plan.site.read),
    output:
        paths.SITE,
    localrule: True
    threads: 8
    conda:
        "../../envs/site.yaml"
    params:
        tasks=plan.site.tasks(),
        exhibits=lambda wildcards: plan.site.named(),
        traces=lambda wildcards: plan.site.traces(),
        facts=plan.site.facts(),
    script:
        "../../scripts/output/write_site.py"
