"""
Index: the k-mers of held-out records, for finding leaks, and of excluded records, for finding similar rows.

REQUIRED INPUTS:
    results/{name}/decisions/{division}.parquet of every division, results/{name}/tables/{division}/{part}/
OUTPUTS:
    results/{name}/kmers/    indexes of held-out and of excluded records
"""


rule index:
    input:
        expand("results/{{name}}/decisions/{division}.parquet", division=ALL_DIVISIONS),
        of_parts("results/{name}/tables/{division}/{part}"),
        policy=config["biosafety"]["table"] or [],
    output:
        directory("results/{name}/kmers"),
    log:
        "results/{name}/logs/index.log",
    benchmark:
        "results/{name}/benchmarks/index.tsv"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        options=options_of("index", config),
    shell:
        "dnacorpus index --build results/{wildcards.name:q} --out {output:q} 2> {log:q}"
