"""Which addresses are called: public ones, whatever an address is dressed as."""

import pytest

from access.delivering.addresses import is_never_called, reason_not_to_call

PUBLIC = """
8.8.8.8 1.1.1.1 140.82.112.3 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 169.253.1.1 192.167.1.1
2606:4700::1111 2a00:1450:4001::5 64:ff9b::808:808 ::ffff:8.8.8.8
"""
PRIVATE = """
127.0.0.1 127.255.0.9 0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.1.1
169.254.169.254 169.254.0.1 100.64.0.1 100.100.100.200 100.127.255.255 192.0.0.192 192.0.2.1 198.18.0.1
198.19.255.255 198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
192.88.99.1
:: ::1 fe80::1 febf::1 fec0::1 fc00::1 fd00:ec2::254 fd12:3456::1 ff02::1 ff0e::1 100::1 2001:db8::1 2001::1
2001:0:4136:e378:8000:63bf:3fff:fdd2 2002:7f00:1:: 2002:a00:1::1 3fff::1 5f00::1
::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::127.0.0.1 ::a00:1
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::808:808
"""
NO_ADDRESS = (
    "fe80::1%eth0 ::1%lo 1.2.3 2130706433 0x7f.1 0177.0.0.1 localhost 8.8.8.8:80 [::1] 1.2.3.4/8"
)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_a_public_address_is_called(address: str) -> None:
    assert reason_not_to_call(address) == ""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_any_other_address_is_not(address: str) -> None:
    assert reason_not_to_call(address) == "private_address"


@pytest.mark.parametrize("text", ["", *NO_ADDRESS.split()])
def test_what_is_no_plain_address_is_not(text: str) -> None:
    assert reason_not_to_call(text) == "bad_address"


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "ff02::1", "x"],
)
def test_metadata_is_not_called_even_behind_an_allowed_name(address: str) -> None:
    assert is_never_called(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "fd12::1", "8.8.8.8"])
def test_an_allowed_name_may_lead_into_a_network_of_ones_own(address: str) -> None:
    assert not is_never_called(address)
