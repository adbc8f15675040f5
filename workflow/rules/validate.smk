"""
Validate: train a small model on the shards and compare it with baselines. The dataset does not depend on it.

REQUIRED INPUTS:
    results/{name}/dataset/
OUTPUTS:
    results/{name}/validate/    metrics.json, curve.svg, curve.csv, summary.txt
"""


rule validate:
    input:
        "results/{name}/dataset/manifest.json",
    output:
        report(
            directory("results/{name}/validate"),
            patterns=["{result}.svg", "{result}.csv", "{result}.txt"],
            caption="../report/validate.rst",
            category="Validation",
            labels={"result": "{result}"},
        ),
    log:
        "results/{name}/logs/validate.log",
    benchmark:
        "results/{name}/benchmarks/validate.tsv"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        preset=options_of("validate", config)["validate.preset"],
    shell:
        "dnacorpus validate results/{wildcards.name:q}/dataset --preset {params.preset:q} --out {output:q}"
        " > {log:q} 2>&1"
