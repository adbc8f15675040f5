"""
Fetch: the files of one part, downloaded or (from a local mirror) linked, and verified.

REQUIRED INPUTS:
    results/{name}/catalog/{division}.tsv
OUTPUTS:
    results/{name}/raw/{division}/{part}/    the files and part.json: size, MD5 and state of each
"""


rule fetch:
    input:
        catalog="results/{name}/catalog/{division}.tsv",
    output:
        directory("results/{name}/raw/{division}/{part}"),
    log:
        "results/{name}/logs/fetch/{division}/{part}.log",
    benchmark:
        "results/{name}/benchmarks/fetch/{division}/{part}.tsv"
    retries: 1  # the network; the command itself asks for minutes
    resources:
        downloads=1,
        mem_mb=1000,
        runtime=240,
    params:
        options=options_of("fetch", config),
    shell:
        "dnacorpus fetch --build results/{wildcards.name:q} --catalog {input.catalog:q}"
        " --part {wildcards.part:q} --out {output:q} 2> {log:q}"


# A target, for clusters whose nodes have no network: snakemake downloads (profiles/README.md).
rule downloads:
    input:
        of_parts("results/{name}/raw/{division}/{part}"),
        expand("results/{name}/taxonomy", name=config["name"]),
    localrule: True
