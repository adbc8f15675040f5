"""
Taxonomy: NCBI's new_taxdump as tables: each taxid with its species, genus and ranked lineage.

REQUIRED INPUTS:
    the taxdump (config: taxonomy), if there is one
OUTPUTS:
    results/{name}/taxonomy/    taxa, names, and which taxdump they are of; empty tables without one
"""


rule taxonomy:
    output:
        directory("results/{name}/taxonomy"),
    log:
        "results/{name}/logs/taxonomy.log",
    retries: 2  # the network
    resources:
        downloads=1,
    params:
        taxonomy=config["taxonomy"],
        mirror=config["mirror"],
    shell:
        "dnacorpus taxonomy --config results/{wildcards.name:q}/config.yaml --out {output:q} 2> {log:q}"
