"""
Index: the k-mers of the held-out records, that train is looked through for, and those of the excluded ones.

REQUIRED INPUTS:
    results/{name}/decisions/{division}.parquet of every division, results/{name}/tables/{division}/{part}/
OUTPUTS:
    results/{name}/kmers/    held_out and excluded
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
