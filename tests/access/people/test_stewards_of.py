"""Who answers for a dataset: its own stewards, else its domain's, else the administrators; never another domain's."""

from access.models import Principal
from access.people.stewardship import stewards_of
from tests.datasets import make_dataset, make_domain
from tests.people import make_person, put_in_charge


def test_a_domains_steward_answers_for_its_datasets_and_no_others(administrator: Principal) -> None:
    commerce, people = make_domain("commerce"), make_domain("people")
    ines, greta = make_person("ines"), make_person("greta")
    put_in_charge(ines, commerce)
    put_in_charge(greta, people)
    assert stewards_of(make_dataset("sales.orders", domain=commerce)) == (ines,)
    assert stewards_of(make_dataset("hr.payroll", domain=people)) == (greta,)


def test_a_datasets_own_steward_comes_before_its_domains(administrator: Principal) -> None:
    commerce = make_domain("commerce")
    ines, nora = make_person("ines"), make_person("nora")
    put_in_charge(ines, commerce)
    dataset = make_dataset("sales.orders", domain=commerce)
    put_in_charge(nora, dataset)
    assert stewards_of(dataset) == (nora,)


def test_a_dataset_of_nobody_falls_to_the_administrators(administrator: Principal) -> None:
    put_in_charge(make_person("greta"), make_domain("people"))
    assert stewards_of(make_dataset("sales.orders")) == (administrator,)
