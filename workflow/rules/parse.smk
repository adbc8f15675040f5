"""
Parse: the flat files, FASTA and GFF of one part as tables. Bad records are rejects; damaged files are in the ledger.

REQUIRED INPUTS:
    results/{name}/raw/{division}/{part}/, results/{name}/taxonomy/
OUTPUTS:
    results/{name}/tables/{division}/{part}/    records, features, segments, references, rejects, ledger
"""


rule parse:
    input:
        raw="results/{name}/raw/{division}/{part}",
        taxonomy="results/{name}/taxonomy",
    output:
        directory("results/{name}/tables/{division}/{part}"),
    log:
        "results/{name}/logs/parse/{division}/{part}.log",
    benchmark:
        "results/{name}/benchmarks/parse/{division}/{part}.tsv"
    resources:
        mem_mb=2000,
        runtime=120,
    shell:
        "dnacorpus parse --raw {input.raw:q} --taxonomy {input.taxonomy:q} --out {output:q} 2> {log:q}"
