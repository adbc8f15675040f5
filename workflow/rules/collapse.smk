"""
Collapse: which gene rows stay: one for each sequence, feature kind and genetic code, none in two splits.

REQUIRED INPUTS:
    results/{name}/pairs/{division}/{part}/ of every part
OUTPUTS:
    results/{name}/copies/{division}.parquet
"""


rule collapse:
    input:
        of_parts("results/{name}/pairs/{division}/{part}"),
    output:
        expand("results/{{name}}/copies/{division}.parquet", division=ALL_DIVISIONS),
    log:
        "results/{name}/logs/collapse.log",
    shell:
        "dnacorpus collapse --config results/{wildcards.name:q}/config.yaml"
        " --out results/{wildcards.name:q}/copies 2> {log:q}"
