"""
Taxonomy: NCBI's new_taxdump as tables: each taxid with its species, genus and ranked lineage.

REQUIRED INPUTS:
    the taxdump (config: taxonomy), if there is one
OUTPUTS:
    results/{name}/taxonomy/    taxa, names, and the identity of the taxdump; empty tables without one
    results/{name}/catalog/taxonomy.json    the identity again; a build with `catalog:` accepts no other taxdump
"""


rule taxonomy:
    input:
        kept_config,
    output:
        tables=directory("results/{name}/taxonomy"),
        pin="results/{name}/catalog/taxonomy.json",
    log:
        "results/{name}/logs/taxonomy.log",
    benchmark:
        "results/{name}/benchmarks/taxonomy.tsv"
    retries: 1  # the network; the command itself asks for minutes
    resources:
        downloads=1,
        mem_mb=2000,
        runtime=60,
    params:
        options=options_of("taxonomy", config),
    shell:
        "dnacorpus taxonomy --build results/{wildcards.name:q} --out {output.tables:q} 2> {log:q}"
