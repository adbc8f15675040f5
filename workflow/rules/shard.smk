"""
Shard: the kept records and rows of one group of parts, as the Parquet files that are published, for all configs and splits.

REQUIRED INPUTS:
    results/{name}/tables/{division}/{part}/ and results/{name}/pairs/{division}/{part}/ of the group
    results/{name}/decisions/{division}.parquet, results/{name}/copies/{division}.parquet
    results/{name}/papers.parquet
OUTPUTS:
    results/{name}/shards/{division}/{group}/
"""


rule shard:
    input:
        of_group("results/{name}/tables/{division}/{part}"),
        of_group("results/{name}/pairs/{division}/{part}"),
        decisions="results/{name}/decisions/{division}.parquet",
        copies="results/{name}/copies/{division}.parquet",
        papers="results/{name}/papers.parquet",
    output:
        directory("results/{name}/shards/{division}/{group}"),
    log:
        "results/{name}/logs/shard/{division}/{group}.log",
    benchmark:
        "results/{name}/benchmarks/shard/{division}/{group}.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    shell:
        "dnacorpus shard --build results/{wildcards.name:q} --division {wildcards.division:q}"
        " --group {wildcards.group:q} --out {output:q} 2> {log:q}"
