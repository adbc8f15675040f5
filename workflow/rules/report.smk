"""
Report: the numbers and pictures of this build as one page.

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
        "results/{name}/report/index.html",
    log:
        "results/{name}/logs/report.log",
    shell:
        "dnacorpus report results/{wildcards.name:q}/dataset --validated {input.validated:q}"
        " --out results/{wildcards.name:q}/report 2> {log:q}"
