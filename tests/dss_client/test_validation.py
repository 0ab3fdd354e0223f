from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dss_api import FileArea, LogCategory, TicketStatus
from dss_client import validation


@pytest.mark.parametrize("ticket", [7, "7", "007", np.int64(7), np.int32(7), np.str_("7")])
def test_ticket_id_is_an_integer_of_any_type_or_its_digits(ticket: int | str) -> None:
    number = validation.read_ticket_id(ticket)

    assert number == 7
    assert type(number) is int


def test_ticket_id_can_come_from_a_table() -> None:
    table = pd.DataFrame({"ticket": [12]})

    assert validation.read_ticket_id(table["ticket"].iloc[0]) == 12


@pytest.mark.parametrize("ticket", ["", "abc", "-1", "1.5", " 1", "1_0", "٣", 0, -3, True, False])
def test_invalid_ticket_id_raises_value_error(ticket: int | str) -> None:
    with pytest.raises(ValueError, match="is not a ticket id"):
        validation.read_ticket_id(ticket)


@pytest.mark.parametrize("ticket", [1.0, None, [1], pd.Series([1, 2]), b"1"])
def test_ticket_id_of_wrong_type_raises_type_error(ticket: object) -> None:
    with pytest.raises(TypeError, match=r"df\['ticket'\].iloc\[0\]"):
        validation.read_ticket_id(ticket)  # type: ignore[arg-type]


def test_services_can_be_a_list_a_column_or_a_single_hash() -> None:
    column = pd.DataFrame({"hash": ["abc", "def"]})["hash"]

    assert validation.read_service_hashes(["abc", "def"]) == ["abc", "def"]
    assert validation.read_service_hashes(column) == ["abc", "def"]
    assert validation.read_service_hashes("abc") == ["abc"]


@pytest.mark.parametrize("services", [None, 7, pd.DataFrame({"hash": ["abc"]})])
def test_services_of_wrong_type_raise_type_error(services: object) -> None:
    with pytest.raises(TypeError, match=r"dssp_list_services\(\)\['hash'\]"):
        validation.read_service_hashes(services)  # type: ignore[arg-type]


@pytest.mark.parametrize("services", [[], "", [""], ["a,b"], ["a b"], ["abc", "é"], ["Example"]])
def test_invalid_service_hashes_raise_value_error(services: list[str] | str) -> None:
    with pytest.raises(ValueError, match="hash"):
        validation.read_service_hashes(services)


def test_service_hash_that_is_not_a_text_raises_type_error() -> None:
    with pytest.raises(TypeError, match="not int"):
        validation.read_service_hashes([1])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "chunk", [(0, 0, 1), (1, 0, 1), (0.5, 0.25, 0.75), (np.float64(0.5), 0, 1)]
)
def test_progress_and_chunk_are_returned_as_floats(
    chunk: tuple[float, float, float],
) -> None:
    assert validation.read_chunk(*chunk) == tuple(float(number) for number in chunk)
    assert {type(number) for number in validation.read_chunk(*chunk)} == {float}


@pytest.mark.parametrize(
    ("chunk", "named"),
    [
        ((1.01, 0, 1), "progress"),
        ((-0.01, 0, 1), "progress"),
        ((float("nan"), 0, 1), "progress"),
        ((float("inf"), 0, 1), "progress"),
        ((50, 0, 1), "progress"),
        ((0.5, -0.1, 1), "chunk_start"),
        ((0.5, 0, 1.1), "chunk_end"),
    ],
)
def test_number_outside_0_and_1_is_named_in_the_error(
    chunk: tuple[float, float, float], named: str
) -> None:
    with pytest.raises(ValueError, match=f"^{named} must be between 0 and 1"):
        validation.read_chunk(*chunk)


def test_token_must_be_a_text_that_is_not_empty() -> None:
    assert validation.read_login_token(" abc\n") == "abc"
    with pytest.raises(ValueError, match="is empty"):
        validation.read_login_token(" ")
    with pytest.raises(TypeError, match="not int"):
        validation.read_login_token(12345)  # type: ignore[arg-type]


def test_timeout_that_is_not_a_number_raises_type_error() -> None:
    with pytest.raises(TypeError, match="timeout must be a number, not str"):
        validation.read_wait_times("5", 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("progress", [None, "0.5", True])
def test_progress_that_is_not_a_number_raises_type_error(progress: object) -> None:
    with pytest.raises(TypeError, match=r"^progress must be a number"):
        validation.read_chunk(progress, 0, 1)  # type: ignore[arg-type]


def test_characters_that_utf_8_cannot_encode_are_escaped() -> None:
    assert validation.make_sendable("no file \udcff.nii") == "no file \\udcff.nii"
    with pytest.raises(TypeError, match="not NoneType"):
        validation.make_sendable(None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (0.6, 0.5), (1, 0)])
def test_empty_chunk_raises_value_error(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="is empty"):
        validation.read_chunk(0.5, start, end)


def test_categories_statuses_and_areas_can_be_texts() -> None:
    assert validation.read_choice(LogCategory, "warning", "category") is LogCategory.WARNING
    assert validation.read_final_status("failed") is TicketStatus.FAILED
    assert validation.read_final_status(TicketStatus.SUCCESS) is TicketStatus.SUCCESS
    assert validation.read_choice(FileArea, "results", "area") is FileArea.RESULTS


def test_unknown_choice_error_lists_the_choices() -> None:
    with pytest.raises(ValueError, match="'info', 'warning' or 'error', not 'debug'"):
        validation.read_choice(LogCategory, "debug", "category")
    with pytest.raises(ValueError, match="'success' or 'failed', not 'ready'"):
        validation.read_final_status("ready")
    with pytest.raises(ValueError, match="'input' or 'results', not 'output'"):
        validation.read_choice(FileArea, "output", "area")


def test_paths_can_be_a_list_or_a_single_path() -> None:
    assert validation.read_file_paths(["a", Path("b")]) == [Path("a"), Path("b")]
    assert validation.read_file_paths("a") == [Path("a")]
    with pytest.raises(ValueError, match="no files"):
        validation.read_file_paths([])


@pytest.mark.parametrize("paths", [None, 7, b"a", [None], ["a", b"b"], [7]])
def test_paths_of_wrong_type_raise_type_error(paths: object) -> None:
    with pytest.raises(TypeError, match=r"^(paths must be|The path of a file must be)"):
        validation.read_file_paths(paths)  # type: ignore[arg-type]


@pytest.mark.parametrize("parallel", [1, 64, np.int64(4)])
def test_parallel_is_returned_as_an_int(parallel: int) -> None:
    assert validation.read_parallel(parallel) == parallel
    assert type(validation.read_parallel(parallel)) is int


@pytest.mark.parametrize("parallel", [0, -1, 65, True])
def test_parallel_outside_1_and_64_raises_value_error(parallel: int) -> None:
    with pytest.raises(ValueError, match="parallel must be between 1 and 64"):
        validation.read_parallel(parallel)


@pytest.mark.parametrize(("timeout", "interval"), [(-1, 1), (1, 0), (1, -1), (float("nan"), 1)])
def test_invalid_wait_times_raise_value_error(timeout: float, interval: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        validation.read_wait_times(timeout, interval)


def test_since_is_a_log_entry_id_0_or_none() -> None:
    assert [validation.read_since(entry) for entry in (None, 0, "0", np.int64(7))] == [
        None,
        0,
        0,
        7,
    ]


@pytest.mark.parametrize(
    ("given", "expected"), [(3, 3), ("3", 3), (np.int64(3), 3), ("a@example.com", "a@example.com")]
)
def test_user_can_be_an_id_or_an_email_address(given: int | str, expected: int | str) -> None:
    assert validation.read_user(given) == expected


def test_ticket_ids_are_returned_without_duplicates() -> None:
    assert validation.read_ticket_ids(pd.Series([3, 1, 3])) == [3, 1]
    assert validation.read_ticket_ids(range(1, 3)) == [1, 2]
    with pytest.raises(ValueError, match="not a ticket id"):
        validation.read_ticket_ids([1, 0])


@pytest.mark.parametrize(("given", "expected"), [(np.True_, True), (False, False), (1, True)])
def test_flag_can_be_a_bool_of_any_type(given: bool, expected: bool) -> None:
    assert validation.read_flag(given, "admin") is expected
