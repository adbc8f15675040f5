"""
Papers: the papers that kept records cite, from a folder of papers or from PubMed, PMC and Europe PMC.

REQUIRED INPUTS:
    results/{name}/tables/{division}/{part}/ of every part, results/{name}/decisions/{division}.parquet
    the folder of papers (config: papers.source), or the services, whose answers are cached in papers.cache
OUTPUTS:
    results/{name}/papers.parquet
    results/{name}/papers.json    number of files by kind, damaged files, number of papers found
"""


rule papers:
    input:
        of_parts("results/{name}/tables/{division}/{part}"),
        expand(
            "results/{{name}}/decisions/{division}.parquet",
            division=ALL_DIVISIONS,
        ),
    output:
        papers="results/{name}/papers.parquet",
        counts="results/{name}/papers.json",
    log:
        "results/{name}/logs/papers.log",
    benchmark:
        "results/{name}/benchmarks/papers.tsv"
    retries: 1  # the network; the command itself asks for minutes
    resources:
        mem_mb=4000,
        runtime=1440,
    params:
        options=options_of("papers", config),
    shell:
        "dnacorpus papers --build results/{wildcards.name:q} --out {output.papers:q} 2> {log:q}"
