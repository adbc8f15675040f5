"""
Publish: exactly what the manifest names, in one commit, verified and tagged. Only where hub.repo_id is set.

REQUIRED INPUTS:
    results/{name}/dataset/, complete: results/{name}/summary.txt
OUTPUTS:
    results/{name}/published.txt    the place, the tag and the commit
"""


rule publish:
    input:
        "results/{name}/dataset/manifest.json",
        "results/{name}/summary.txt",
    output:
        "results/{name}/published.txt",
    log:
        "results/{name}/logs/publish.log",
    benchmark:
        "results/{name}/benchmarks/publish.tsv"
    retries: 1  # the network; the command itself asks for minutes
    localrule: True
    params:
        repo=config["hub"]["repo_id"],
    shell:
        "dnacorpus publish results/{wildcards.name:q}/dataset --repo {params.repo:q} > {output:q} 2> {log:q}"
