"""
Collapse: which pairs are kept. One gene row is kept per sequence, feature kind and genetic code (pairs.copies); held-out
rows that train nearly contains are dropped.

REQUIRED INPUTS:
    results/{name}/pairs/{division}/{part}/ of every part, results/{name}/kmers/
OUTPUTS:
    results/{name}/matches_of_pairs/{bucket}.parquet    copies, by digest prefix
    results/{name}/copies/{division}.parquet
"""


rule match_pairs:
    input:
        of_parts("results/{name}/pairs/{division}/{part}"),
    output:
        "results/{name}/matches_of_pairs/{bucket}.parquet",
    log:
        "results/{name}/logs/match_pairs/{bucket}.log",
    benchmark:
        "results/{name}/benchmarks/match_pairs/{bucket}.tsv"
    resources:
        mem_mb=MATCH_MEMORY,
        runtime=240,
    params:
        options=options_of("match_pairs", config),
    shell:
        "dnacorpus match-pairs --build results/{wildcards.name:q} --bucket {wildcards.bucket:q}"
        " --out {output:q} 2> {log:q}"


rule collapse:
    input:
        of_parts("results/{name}/pairs/{division}/{part}"),
        expand(
            "results/{{name}}/matches_of_pairs/{bucket}.parquet",
            bucket=range(config["dedup"]["buckets"]),
        ),
        "results/{name}/kmers",
    output:
        expand("results/{{name}}/copies/{division}.parquet", division=ALL_DIVISIONS),
    log:
        "results/{name}/logs/collapse.log",
    benchmark:
        "results/{name}/benchmarks/collapse.tsv"
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        options=options_of("collapse", config),
    shell:
        "dnacorpus collapse --build results/{wildcards.name:q}"
        " --out results/{wildcards.name:q}/copies 2> {log:q}"
