"""
Dedup: which records of all divisions are kept, and the split of each.

REQUIRED INPUTS:
    results/{name}/tables/{division}/{part}/ of every part
    biosafety.table, if the config names such a file
OUTPUTS:
    results/{name}/sketches/{division}/{group}/    a sample of the k-mers of each record
    results/{name}/matches/{bucket}/    copies and near-duplicates, by digest prefix
    results/{name}/decisions/{division}.parquet
"""


rule sketch:
    input:
        of_group("results/{name}/tables/{division}/{part}"),
    output:
        directory("results/{name}/sketches/{division}/{group}"),
    log:
        "results/{name}/logs/sketch/{division}/{group}.log",
    benchmark:
        "results/{name}/benchmarks/sketch/{division}/{group}.tsv"
    resources:
        mem_mb=2000,
        runtime=120,
    params:
        wanted=config["dedup"]["near"]["min_ani"] > 0,
        options=options_of("sketch", config),
    shell:
        "dnacorpus sketch --build results/{wildcards.name:q} --division {wildcards.division:q}"
        " --group {wildcards.group:q} --out {output:q} 2> {log:q}"


rule match:
    input:
        of_parts("results/{name}/tables/{division}/{part}"),
        of_groups("results/{name}/sketches/{division}/{group}"),
    output:
        directory("results/{name}/matches/{bucket}"),
    log:
        "results/{name}/logs/match/{bucket}.log",
    benchmark:
        "results/{name}/benchmarks/match/{bucket}.tsv"
    resources:
        mem_mb=MATCH_MEMORY,
        runtime=240,
    params:
        options=options_of("match", config),
    shell:
        "dnacorpus match --build results/{wildcards.name:q} --bucket {wildcards.bucket:q}"
        " --out {output:q} 2> {log:q}"


rule dedup:
    input:
        of_parts("results/{name}/tables/{division}/{part}"),
        of_groups("results/{name}/sketches/{division}/{group}"),
        expand(
            "results/{{name}}/matches/{bucket}",
            bucket=range(config["dedup"]["buckets"]),
        ),
        policy=config["biosafety"]["table"] or [],
    output:
        expand(
            "results/{{name}}/decisions/{division}.parquet",
            division=ALL_DIVISIONS,
        ),
    log:
        "results/{name}/logs/dedup.log",
    benchmark:
        "results/{name}/benchmarks/dedup.tsv"
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        options=options_of("dedup", config),
    shell:
        "dnacorpus dedup --build results/{wildcards.name:q}"
        " --out results/{wildcards.name:q}/decisions 2> {log:q}"
