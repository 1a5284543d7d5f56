"""How a column looks before anybody holds anything."""

from access.policies.policy import Mask
from access.policies.sight import type_behind


def test_the_type_behind_a_mask_is_the_engine_s_or_what_its_owner_says() -> None:
    assert type_behind(Mask("hash"), "id", "INTEGER", "duckdb") == "VARCHAR"
    assert type_behind(Mask("hash"), "id", "integer", "postgresql") == "text"
    assert type_behind(Mask("sql", "id + 1", type="BIGINT"), "id", "INTEGER", "duckdb") == "BIGINT"
    assert type_behind(Mask("sql", "id + 1"), "id", "INTEGER", "duckdb") == ""
