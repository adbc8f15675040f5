"""From the values that Snakemake reads to the checked config: every wrong option is named, no secret is shown."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.settings import settings, values

from dnacorpus.config.checks import checked, refuse_paths, refuse_secrets
from dnacorpus.errors import UsageError


@pytest.mark.parametrize("url", ["http://me:pw@host/", "HTTP://me@host/x", "https://h/?token=pw", "https://h/a?b#c"])
@pytest.mark.parametrize("key", ["mirror", "taxonomy", "services", "custom_divisions"])
def test_a_url_with_a_secret_is_refused_without_being_shown(key, url):
    changed = {"services": {"pubmed": url}, "custom_divisions": [{"name": "x", "path": [url]}]}.get(key, url)
    with pytest.raises(UsageError, match=f"{key}.*netrc") as failure:
        checked(values(**{key: changed}, seed="often"))
    assert "pw" not in str(failure.value)
    assert "me@" not in str(failure.value)
    refuse_secrets(values(**{key: "https://host/a@b/"}))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"divisions": ["viral", "virus"]}, r"divisions\[1\]: expected one of archaea, .*, found 'virus'"),
        ({"divisions": "viral, viral"}, "divisions: expected each value once, found viral more than once"),
        ({"divisions": []}, "different names, found none"),
        ({"divisions": ["viral"], "custom_divisions": [{"name": "plant", "path": "x"}]}, "none of RefSeq's divisions"),
        ({"custom_divisions": [{"name": "a", "path": "x"}, {"name": "a", "taxon": 1}]}, "different names"),
        ({"custom_divisions": [{"name": "a"}]}, r"custom_divisions\[0\]: expected one of path; .*, found none"),
        ({"custom_divisions": [{"name": "a", "path": "x", "taxon": 1}]}, "found path, taxon"),
        ({"custom_divisions": [{"name": "a", "group": "fungi"}]}, "found group"),
        ({"custom_divisions": [{"name": "a", "accessions": ["U1"], "group": "fungi"}]}, "found accessions, group"),
        ({"custom_divisions": [{"name": "Mine", "path": "x"}]}, "expected a name of lower-case .*, found 'Mine'"),
        ({"custom_divisions": [{"path": "x"}]}, r"custom_divisions\[0\]\.name: expected a value"),
        (
            {"custom_divisions": [{"name": "a", "file": "x"}]},
            r"unknown option 'custom_divisions\[0\]\.file'; custom_divisions\[0\] has name, path, accessions, taxon,",
        ),
        ({"custom_divisions": [{"name": "a", "path": []}]}, r"custom_divisions\[0\]\.path: expected .*, found \[\]"),
        ({"shard_rows": 5}, "unknown option 'shard_rows'; did you mean 'shards'"),
        ({"pairs": {"max_base": 5}}, r"unknown option 'pairs\.max_base'; did you mean 'pairs\.max_bases'\?"),
        ({"divison": ["viral"]}, r"unknown option 'divison'; did you mean 'divisions'\?"),
        ({"windows": {"max_bases": 1}}, r"unknown option 'windows\.max_bases'; did you mean "),
        ({"zzz": 1}, "unknown option 'zzz'; there are name, mirror, "),
        ({"min_ani": 1}, r"unknown option 'min_ani'; did you mean 'dedup\.near\.min_ani'\?"),
        ({"custom_divisions": [{"name": "a", "paths": "x"}]}, r"did you mean 'custom_divisions\[0\]\.path'\?"),
        ({"pairs": {"kinds": ["genes"]}}, r"^config: pairs\.kinds\[0\]: expected one of [a-z, ]*, found 'genes'$"),
        ({"pairs": 5}, "pairs: expected a section with keys, found 5"),
        ({"pairs": {"copies": 0}}, r"pairs\.copies: expected 'collapse' or 'keep' or at least 1, found 0"),
        ({"pairs": {"kinds": []}}, r"pairs\.kinds: expected at least one value, found \(?\[?"),
        ({"pairs": {"flank": 65532}}, r"pairs\.flank 65532: .*, 10, of pairs\.max_bases, found 8;"),
        ({"seed": "often"}, "seed: expected a valid integer, found 'often'"),
        ({"seed": 1.5}, "seed: expected a valid integer, found 1.5"),
        ({"seed": True}, "seed: expected a valid integer, found True"),
        ({"splits": {"validation": 0.5, "test": 0.5}}, r"splits\.validation and splits\.test together leave less"),
        (
            {"splits": {"always_test": ["Homo sapiens"]}},
            "^config: splits: expected each species .*, found Homo sapiens in two",
        ),
        ({"splits": {"unit": "genus", "always_test": ["Homo"]}}, "found Homo in two"),
        ({"windows": {"bases": 131073}}, r"windows\.bases 131073: expected at most pairs\.max_bases, 131072"),
        ({"windows": {"stride": -1}}, r"windows\.stride: expected at least 0, found -1"),
        ({"windows": {"max_n_share": -0.1}}, r"windows\.max_n_share: expected at least 0.0, found -0.1"),
        (
            {"windows": {"max_features": 0, "max_windows": -1}},
            r"max_features: .* 1, .*windows\.max_windows: .* 0",
        ),
        ({"windows": {"min_share": 1.1}}, r"windows\.min_share: expected at most 1.0, found 1.1"),
        (
            {"windows": {"bases": 0, "short_records": 1}},
            r"windows\.bases: .* 1.*; windows\.short_records",
        ),
        ({"qa": {"min_questions": 7}}, r"qa\.min_questions 7: expected at most qa\.max_questions, 6"),
        ({"passages": {"min_length": 2001}}, r"passages\.min_length 2001: expected at most passages\.max_length"),
        ({"dedup": {"near": {"min_ani": 0.5}}}, r"dedup\.near\.min_ani: expected 0 or a number from 0\.9 to 1"),
        ({"dedup": {"near": {"max_scaled": 3}}}, r"dedup\.near\.max_scaled: expected 1, 2, 4, .*, found 3"),
        ({"biosafety": {"policy": True}}, r"biosafety\.policy: expected 'exclude', 'flag' or 'off', found True"),
        ({"papers": {"licenses": ["CC-BY-NC"]}}, r"papers\.licenses\[0\]: expected one of CC0, .*, found 'CC-BY-NC'"),
        (
            {"services": {"pmc": "ftp://host/"}},
            r"services\.pmc: expected an http or https URL without .*, found 'ftp://host/'",
        ),
        ({"hub": {"repo_id": "alone"}}, r"hub\.repo_id: expected ORG/NAME of letters"),
        ({"validate": {"preset": "huge"}}, r"validate\.preset: expected 'auto', "),
        ({"name": "a/b"}, "name: expected letters, digits, . _ - that begin"),
    ],
)
def test_a_wrong_option_is_named_with_what_was_expected(changes, complaint):
    with pytest.raises(UsageError, match=complaint) as failure:
        settings(**changes)
    assert str(failure.value).startswith("config: ")
    assert "\n" not in str(failure.value)


def test_a_missing_option_is_named():
    incomplete = values()
    del incomplete["windows"]["stride"], incomplete["seed"]
    with pytest.raises(UsageError, match=r"here: seed: expected a value .*; windows\.stride: expected a value"):
        checked(incomplete, "here")


def test_options_at_their_bounds_are_accepted():
    assert settings(pairs={"flank": 65531}).pairs.flank == 65531
    assert settings(windows={"bases": 131073}, pairs={"kinds": ["record"]}).windows.bases == 131073
    assert settings(dedup={"near": {"min_ani": 0}}).dedup.near.min_ani == 0
    assert settings(pairs={"copies": 4}).pairs.max_copies == 4


def test_yaml_reads_off_as_false():
    chosen = settings(biosafety={"policy": False}, validate={"preset": False})
    assert (chosen.biosafety.policy, chosen.validation.preset) == ("off", "off")


def test_the_order_of_lists_means_nothing():
    assert settings(divisions=["viral", "plant"]) == settings(divisions="plant, viral")
    assert len(settings(divisions="all").divisions) == 12


def test_what_is_written_beside_the_results_is_the_same_config():
    assert checked(settings().model_dump(mode="json")) == settings()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"mirror": "nowhere"}, "a folder with RELEASE_NUMBER"),
        ({"catalog": "/no/where"}, "^config: catalog '/no/where': no such file or folder; give the folder"),
        (
            {"taxonomy": "/no/where"},
            "^config: taxonomy '/no/where': no such file or folder; give a path, a URL, auto or none$",
        ),
        (
            {"papers": {"source": "no/where"}},
            "^config: papers.source 'no/where': no such file or folder; give a folder",
        ),
        ({"catalog": "results/refseq/catalog"}, "those of this build"),
        ({"catalog": "./results/../results/refseq/catalog/"}, "those of this build"),
    ],
)
def test_paths_that_cannot_be_used_are_refused(changes, complaint):
    refuse_paths(settings())
    refuse_paths(
        settings(catalog=str(Path(__file__).parent), taxonomy="https://host/x.tar.gz", papers={"source": "ncbi"})
    )
    refuse_paths(settings(mirror="nowhere", divisions=[], custom_divisions=[{"name": "a", "path": "x"}]))
    with pytest.raises(UsageError, match=complaint):
        refuse_paths(settings(**changes))


def test_what_snakemake_imports_is_light():
    heavy = {"polars", "pyarrow", "numpy", "jsonschema", "yaml", "requests"}
    shown = "import sys, dnacorpus.config.checks, dnacorpus.config.stages; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert "dnacorpus.settings.root" in done.stdout.split()
    assert heavy.isdisjoint(done.stdout.split())
