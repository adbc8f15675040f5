# From a RefSeq release to a verified dataset of DNA and natural language. The rule files are included in the order
# of the data flow. Each is one stage and begins with its purpose, inputs and outputs.
from snakemake.utils import min_version

min_version("9.19")  # older versions do not read profiles/default/profile.yaml


# Merges the defaults of config/config.yaml with the user's config and checks the result.
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
