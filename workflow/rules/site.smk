rule write_site:
    input:
        unpack(plan.site.read),
    output:
        paths.SITE,
    localrule: True
    conda:
        "../../envs/site.yaml"
    threads: 8
    params:
        tasks=plan.site.tasks(),
        exhibits=lambda wildcards: plan.site.named(),
        traces=lambda wildcards: plan.site.traces(),
        facts=plan.site.facts(),
    script:
        "../../scripts/output/write_site.py"
