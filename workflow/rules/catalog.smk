"""
Catalog: which release files make a division, as parts and shard groups. Then the one checkpoint.

REQUIRED INPUTS:
    the mirror (config: mirror), its RELEASE_NUMBER and list of MD5 sums
OUTPUTS:
    results/{name}/catalog/{division}.tsv
    results/{name}/catalog/complete    the checkpoint: from here on the parts are known
"""


rule catalog:
    output:
        "results/{name}/catalog/{division}.tsv",
    log:
        "results/{name}/logs/catalog/{division}.log",
    retries: 2  # the network
    resources:
        downloads=1,
    params:
        mirror=config["mirror"],
        contact=config["contact"],
        group_bytes=config["shards"]["group_bytes"],
    shell:
        "dnacorpus catalog --mirror {params.mirror:q} --contact={params.contact:q} --division {wildcards.division:q}"
        " --group-bytes {params.group_bytes:q} --out {output:q} 2> {log:q}"


checkpoint catalogs:
    input:
        expand("results/{{name}}/catalog/{division}.tsv", division=config["divisions"]),
    output:
        touch("results/{name}/catalog/complete"),
    log:
        "results/{name}/logs/catalog/complete.log",
    shell:
        "echo {input:q} > {log:q}"
