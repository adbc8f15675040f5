"""
Catalog: which files make a division, as parts and shard groups. Then the one checkpoint.

REQUIRED INPUTS:
    the mirror (config: mirror), its RELEASE_NUMBER and list of MD5 sums; or the catalogs of an earlier build (catalog)
    for a division of your own: its files, or the list of assemblies (services.genomes) and the taxonomy
OUTPUTS:
    results/{name}/catalog/{division}.tsv
    results/{name}/catalog/complete    the checkpoint: from here on the parts are known
"""


rule catalog:
    input:
        taxonomy=lambda wildcards: (
            f"results/{wildcards.name}/taxonomy"
            if "taxon" in CUSTOM.get(wildcards.division, {})
            else []
        ),
        own=lambda wildcards: local_inputs(CUSTOM.get(wildcards.division, {})),
    output:
        "results/{name}/catalog/{division}.tsv",
    log:
        "results/{name}/logs/catalog/{division}.log",
    retries: 1  # the network; the command itself asks for minutes
    resources:
        downloads=1,
    params:
        catalog=config["catalog"],
        mirror=config["mirror"],
        group_bytes=config["shards"]["group_bytes"],
        custom=lambda wildcards: CUSTOM.get(wildcards.division),
    shell:
        "dnacorpus catalog --config results/{wildcards.name:q}/config.yaml --division {wildcards.division:q}"
        " --out {output:q} 2> {log:q}"


checkpoint catalogs:
    input:
        expand("results/{{name}}/catalog/{division}.tsv", division=ALL_DIVISIONS),
    output:
        touch("results/{name}/catalog/complete"),
    log:
        "results/{name}/logs/catalog/complete.log",
    shell:
        "echo {input:q} > {log:q}"
