"""
Assemble: the dataset folder, with the manifest written last. Then the check, which prints the totals.

REQUIRED INPUTS:
    results/{name}/shards/{division}/{group}/ of every group, results/{name}/audit.parquet, and the ledgers, decisions and receipts of all parts
OUTPUTS:
    results/{name}/dataset/    the files that are published
    results/{name}/summary.txt    the totals; only written if no release file was damaged
"""


rule assemble:
    input:
        of_groups("results/{name}/shards/{division}/{group}"),
        papers="results/{name}/papers.parquet",
        audit="results/{name}/audit.parquet",
    output:
        "results/{name}/dataset/manifest.json",
    log:
        "results/{name}/logs/assemble.log",
    benchmark:
        "results/{name}/benchmarks/assemble.tsv"
    resources:
        mem_mb=8000,
        runtime=240,
    params:
        options=options_of("assemble", config),
    shell:
        "dnacorpus assemble --build results/{wildcards.name:q}"
        " --out results/{wildcards.name:q}/dataset 2> {log:q}"


rule check:
    input:
        "results/{name}/dataset/manifest.json",
    output:
        report(
            "results/{name}/summary.txt",
            caption="../report/summary.rst",
            category="Dataset",
            labels={"result": "totals of the ledger"},
        ),
    log:
        "results/{name}/logs/check.log",
    benchmark:
        "results/{name}/benchmarks/check.tsv"
    localrule: True
    shell:
        "dnacorpus check --build results/{wildcards.name:q} --out {output:q} 2>&1 | tee {log:q}"
