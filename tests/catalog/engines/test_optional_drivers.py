"""An engine whose driver is not installed says which extra brings it."""

from __future__ import annotations

import sys

import pytest

from catalog.engines import EngineError, engine_for, kind_of


@pytest.mark.parametrize(
    ("url", "driver", "kind"),
    [
        ("sc://127.0.0.1:15002", "grpc", "spark"),
        ("trino://gate@127.0.0.1:8080/lake", "trino", "trino"),
    ],
)
def test_a_missing_driver_names_its_extra(
    url: str, driver: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"catalog.engines.{kind}")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, driver, None)

    with pytest.raises(EngineError) as caught:
        engine_for(url)

    assert kind_of(url) == kind
    assert caught.value.cause == "unreachable"
    assert f"gatehouse[{kind}]" in str(caught.value)
