"""
Catalog: the files of a division, as parts and shard groups. Then the only checkpoint of the workflow.

REQUIRED INPUTS:
    the mirror (config: mirror), its RELEASE_NUMBER and list of MD5 sums; or the catalogs of an earlier build (catalog)
    for a custom division: its files, or the list of assemblies (services.genomes) and the taxonomy
OUTPUTS:
    results/{name}/catalog/{division}.tsv
    results/{name}/catalog/complete    the checkpoint: after it the parts are known
"""


rule catalog:
    input:
        kept_config,
        taxonomy=branch(is_chosen_by_taxon, then="results/{name}/taxonomy"),
        custom=custom_files,
    output:
        "results/{name}/catalog/{division}.tsv",
    log:
        "results/{name}/logs/catalog/{division}.log",
    benchmark:
        "results/{name}/benchmarks/catalog/{division}.tsv"
    retries: 1  # the network; the command itself asks for minutes
    resources:
        downloads=1,
        mem_mb=1000,
        runtime=60,
    params:
        options=options_of("catalog", config),
        custom=custom_division,
    shell:
        "dnacorpus catalog --build results/{wildcards.name:q} --division {wildcards.division:q}"
        " --out {output:q} 2> {log:q}"


checkpoint catalogs:
    input:
        expand("results/{{name}}/catalog/{division}.tsv", division=ALL_DIVISIONS),
    output:
        touch("results/{name}/catalog/complete"),
    log:
        "results/{name}/logs/catalog/complete.log",
    benchmark:
        "results/{name}/benchmarks/catalog/complete.tsv"
    localrule: True
    shell:
        "echo {input:q} > {log:q}"
