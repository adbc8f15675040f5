import pytest

from dnacorpus.formats.taxonomy.species import species_of

BACTERIA = ["Bacteria", "Pseudomonadota", "Escherichia"]
EUKARYOTES = ["Eukaryota", "Metazoa"]


@pytest.mark.parametrize(
    ("organism", "lineage", "species", "genus"),
    [
        ("Escherichia coli str. K-12 substr. MG1655", BACTERIA, "Escherichia coli", "Escherichia"),
        ("Canis lupus familiaris", EUKARYOTES, "Canis lupus", "Canis"),
        ("Homo sapiens", EUKARYOTES, "Homo sapiens", "Homo"),
        ("Brassica oleracea var. botrytis", EUKARYOTES, "Brassica oleracea", "Brassica"),
        ("Arctostaphylos uva-ursi", EUKARYOTES, "Arctostaphylos uva-ursi", "Arctostaphylos"),
        ("[Clostridium] difficile 630", BACTERIA, "Clostridium difficile", "Clostridium"),
        ("Candidatus Carsonella ruddii PV", BACTERIA, "Candidatus Carsonella ruddii", "Carsonella"),
        ("Bacillus sp. SG-1", BACTERIA, "Bacillus sp. SG-1", "Bacillus"),
        ("Bacillus sp.", BACTERIA, "Bacillus sp.", "Bacillus"),
        ("Salmo cf. trutta 12", EUKARYOTES, "Salmo cf. trutta 12", "Salmo"),
        ("Salmo aff. trutta", EUKARYOTES, "Salmo aff. trutta", "Salmo"),
        ("Musa x paradisiaca", EUKARYOTES, "Musa x paradisiaca", "Musa"),
        ("Platanus × acerifolia", EUKARYOTES, "Platanus × acerifolia", "Platanus"),
        ("Equus caballus x Equus asinus", EUKARYOTES, "Equus caballus x Equus asinus", "Equus"),
        ("uncultured bacterium clone 7", BACTERIA, "uncultured bacterium clone 7", None),
        ("Cloning vector pUC19c", ["other sequences"], "Cloning vector pUC19c", None),
        ("Enterobacteriaceae bacterium ENNIH1", BACTERIA, "Enterobacteriaceae bacterium ENNIH1", None),
        ("Zika virus", ["Viruses", "Riboviria", "Flaviviridae", "Orthoflavivirus"], "Zika virus", "Orthoflavivirus"),
        ("Influenza A virus (A/X/1/2009(H1N1))", ["Viruses"], "Influenza A virus (A/X/1/2009(H1N1))", None),
        (
            "Escherichia phage T4",
            ["Viruses", "Tequatrovirus", "Tequatrovirus T4"],
            "Escherichia phage T4",
            "Tequatrovirus",
        ),
        ("Potato spindle tuber viroid", ["Viroids", "Pospiviroid"], "Potato spindle tuber viroid", "Pospiviroid"),
        ("  Homo   sapiens ", [], "Homo sapiens", "Homo"),
        ("Candidatus", [], "Candidatus", None),
        (".", [], None, None),
        ("Genus species", ["Unclassified"], None, None),
        ("unspecified", [], None, None),
        ("null", [], None, None),
        ("Unknown Unclassified.", [], None, None),
        ("Unknown.", [], None, None),
        ("unidentified", ["Viruses"], None, None),
        ("Genus speciesii", [], "Genus speciesii", "Genus"),
        ("unclassified Riboviria", ["Viruses"], "unclassified Riboviria", None),
        ("synthetic DNA construct", ["other sequences"], "synthetic DNA construct", None),
        ("", [], None, None),
        (None, [], None, None),
    ],
)
def test_species_by_name(organism, lineage, species, genus):
    assert species_of(organism, lineage) == (species, genus)
