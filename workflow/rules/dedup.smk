"""
Dedup: which records stay, over all divisions together, and the split of each.

REQUIRED INPUTS:
    results/{name}/tables/{division}/{part}/ of every part
OUTPUTS:
    results/{name}/decisions/{division}.parquet
"""


rule dedup:
    input:
        of_parts("results/{name}/tables/{division}/{part}"),
    output:
        expand(
            "results/{{name}}/decisions/{division}.parquet",
            division=ALL_DIVISIONS,
        ),
    log:
        "results/{name}/logs/dedup.log",
    params:
        seed=config["seed"],
        splits=config["splits"],
    shell:
        "dnacorpus dedup --config results/{wildcards.name:q}/config.yaml"
        " --out results/{wildcards.name:q}/decisions 2> {log:q}"
