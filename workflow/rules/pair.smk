"""
Pair: the kept records of one part, and their features, as rows of DNA and text with evidence.

REQUIRED INPUTS:
    results/{name}/tables/{division}/{part}/
    results/{name}/decisions/{division}.parquet, results/{name}/papers.parquet
    results/{name}/kmers/
    pairs.templates, if the config names such a file
OUTPUTS:
    results/{name}/pairs/{division}/{part}/    rows by split, their keys, and the reasons for what has no row
"""


rule pair:
    input:
        tables="results/{name}/tables/{division}/{part}",
        decisions="results/{name}/decisions/{division}.parquet",
        papers="results/{name}/papers.parquet",
        kmers="results/{name}/kmers",
        templates=config["pairs"]["templates"] or [],
    output:
        directory("results/{name}/pairs/{division}/{part}"),
    log:
        "results/{name}/logs/pair/{division}/{part}.log",
    benchmark:
        "results/{name}/benchmarks/pair/{division}/{part}.tsv"
    resources:
        mem_mb=4000,
        runtime=240,
    params:
        options=options_of("pair", config),
    shell:
        "dnacorpus pair --build results/{wildcards.name:q} --division {wildcards.division:q}"
        " --part {wildcards.part:q} --out {output:q} 2> {log:q}"
