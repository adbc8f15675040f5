"""
Publish: upload the files of the manifest in one commit, verify and tag it. Only if hub.repo_id is set.

REQUIRED INPUTS:
    results/{name}/dataset/; results/{name}/summary.txt, which shows that it is complete
OUTPUTS:
    results/{name}/published.txt    the address, the tag and the commit
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
        repo=options_of("publish", config)["hub.repo_id"],
    shell:
        "dnacorpus publish results/{wildcards.name:q}/dataset --repo {params.repo:q} > {output:q} 2> {log:q}"
