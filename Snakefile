# From a RefSeq release to a verified DNA - natural-language dataset. Read it from top to bottom:
# each rule file is one stage and opens with what it does, takes and makes.
from snakemake.utils import min_version

min_version("9.19")  # profiles/default/profile.yaml; older ones read config.yaml there


# The defaults are in config/config.yaml. This file merges them with what is given, and checks the whole.
include: "workflow/rules/common.smk"


report: "workflow/report/workflow.rst"


# Only with --sdm apptainer; built by: apptainer build dnacorpus.sif workflow/dnacorpus.def
container: "dnacorpus.sif"


rule all:
    input:
        expand("results/{name}/summary.txt", name=config["name"]),
        expand("results/{name}/report/index.html", name=config["name"]),
        expand(
            "results/{name}/published.txt",
            name=config["name"] if config["hub"]["repo_id"] else [],
        ),


include: "workflow/rules/taxonomy.smk"
include: "workflow/rules/catalog.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/parse.smk"
include: "workflow/rules/dedup.smk"
include: "workflow/rules/index.smk"
include: "workflow/rules/papers.smk"
include: "workflow/rules/pair.smk"
include: "workflow/rules/collapse.smk"
include: "workflow/rules/shard.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/assemble.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/publish.smk"
