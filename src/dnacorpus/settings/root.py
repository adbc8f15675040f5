"""The whole config of a build, and what its sections must agree on."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from dnacorpus.divisions import DIVISIONS
from dnacorpus.settings.curation import (
    AuditSettings,
    BiosafetySettings,
    DecontaminationSettings,
    DedupSettings,
    SplitSettings,
)
from dnacorpus.settings.pairs import PairSettings, PassageSettings, QaSettings, WindowSettings
from dnacorpus.settings.section import (
    ADDRESS_PATTERN,
    DISTINCT,
    NAME_PATTERN,
    OFF,
    REPOSITORY_PATTERN,
    Section,
    Text,
    one_of,
)
from dnacorpus.settings.sources import CustomDivision, PaperSettings, ServiceSettings, ShardSettings, one_way


class ValidateSettings(Section):
    """Section ``validate``: the training run that tests the dataset."""

    preset: Annotated[Literal["auto", "off", "tiny", "small", "base"], OFF]


class HubSettings(Section):
    """Section ``hub``: where the dataset is published."""

    repo_id: Annotated[str, Field(pattern=REPOSITORY_PATTERN)]


Divisions = tuple[Annotated[str, *one_of(DIVISIONS)], ...]


def _listed(value: Any) -> Any:
    """Return the divisions that ``all``, or names with commas between them, stand for."""
    if value == "all":
        return list(DIVISIONS)
    return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


class Settings(Section):
    """The config of a build; every key is required, because config/config.yaml has a default for each."""

    name: Annotated[str, Field(pattern=NAME_PATTERN)]
    mirror: Text
    contact: Annotated[str, Field(pattern=ADDRESS_PATTERN)]
    divisions: Annotated[
        Divisions, *DISTINCT, BeforeValidator(_listed, json_schema_input_type=Literal["all"] | Divisions)
    ]
    custom_divisions: Annotated[tuple[Annotated[CustomDivision, AfterValidator(one_way)], ...], Field(strict=False)]
    catalog: str
    taxonomy: Text
    seed: int
    splits: SplitSettings
    dedup: DedupSettings
    decontamination: DecontaminationSettings
    audit: AuditSettings
    biosafety: BiosafetySettings
    pairs: PairSettings
    windows: WindowSettings
    qa: QaSettings
    passages: PassageSettings
    papers: PaperSettings
    services: ServiceSettings
    shards: ShardSettings
    validation: Annotated[ValidateSettings, Field(alias="validate")]
    hub: HubSettings

    @model_validator(mode="after")
    def _check(self) -> Self:
        names = [*self.divisions, *(entry["name"] for entry in self.custom_divisions)]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"expected divisions or custom_divisions of different names, found {', '.join(names) or 'none'}"
            )
        if "window" in self.pairs.kinds and self.windows.bases > self.pairs.max_bases:
            raise ValueError(
                f"windows.bases {self.windows.bases}: expected at most pairs.max_bases, {self.pairs.max_bases};"
                " lower the first or raise the second"
            )
        return self
