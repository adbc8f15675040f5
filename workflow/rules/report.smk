"""
Report: numbers, samples and plots of the build on one page.

REQUIRED INPUTS:
    results/{name}/dataset/, results/{name}/validate/
OUTPUTS:
    results/{name}/report/index.html
"""


rule report:
    input:
        manifest="results/{name}/dataset/manifest.json",
        validated="results/{name}/validate",
    output:
        report(
            "results/{name}/report/index.html",
            caption="../report/page.rst",
            category="Dataset",
            labels={"result": "report"},
        ),
    log:
        "results/{name}/logs/report.log",
    benchmark:
        "results/{name}/benchmarks/report.tsv"
    resources:
        mem_mb=4000,
        runtime=60,
    shell:
        "dnacorpus report results/{wildcards.name:q}/dataset --validated {input.validated:q}"
        " --out results/{wildcards.name:q}/report 2> {log:q}"
