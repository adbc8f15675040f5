"""
Audit: how much of each held-out row train contains, measured on the final shards, independently of the splitting code.

REQUIRED INPUTS:
    results/{name}/shards/{division}/{group}/ of every group
OUTPUTS:
    results/{name}/audit_list/    the k-mers of the held-out rows
    results/{name}/audit/{division}/{group}.parquet    those k-mers that occur in the train shards of the group
    results/{name}/audit.parquet    a row for each held-out row
"""


rule audit_list:
    input:
        of_groups("results/{name}/shards/{division}/{group}"),
    output:
        directory("results/{name}/audit_list"),
    log:
        "results/{name}/logs/audit/list.log",
    benchmark:
        "results/{name}/benchmarks/audit/list.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        options=options_of("audit_list", config),
    shell:
        "dnacorpus audit-list --build results/{wildcards.name:q} --out {output:q} 2> {log:q}"


rule audit_group:
    input:
        shards="results/{name}/shards/{division}/{group}",
        listed="results/{name}/audit_list",
    output:
        "results/{name}/audit/{division}/{group}.parquet",
    log:
        "results/{name}/logs/audit/{division}/{group}.log",
    benchmark:
        "results/{name}/benchmarks/audit/{division}/{group}.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    shell:
        "dnacorpus audit-group --build results/{wildcards.name:q} --division {wildcards.division:q}"
        " --group {wildcards.group:q} --list {input.listed:q} --out {output:q} 2> {log:q}"


rule audit:
    input:
        of_groups("results/{name}/audit/{division}/{group}.parquet"),
        of_groups("results/{name}/shards/{division}/{group}"),
        listed="results/{name}/audit_list",
    output:
        "results/{name}/audit.parquet",
    log:
        "results/{name}/logs/audit/audit.log",
    benchmark:
        "results/{name}/benchmarks/audit/audit.tsv"
    resources:
        mem_mb=4000,
        runtime=60,
    shell:
        "dnacorpus audit --build results/{wildcards.name:q} --list {input.listed:q}"
        " --out {output:q} 2> {log:q}"
