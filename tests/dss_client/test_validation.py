from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dss_api import FileArea, LogCategory, TicketStatus
from dss_client import validation


@pytest.mark.parametrize("ticket", [7, "7", "007", np.int64(7), np.int32(7), np.str_("7")])
def test_a_ticket_is_an_integer_of_any_kind_or_its_digits(ticket: int | str) -> None:
    number = validation.read_ticket_id(ticket)

    assert number == 7
    assert type(number) is int


def test_a_ticket_comes_straight_from_a_table() -> None:
    table = pd.DataFrame({"ticket": [12]})

    assert validation.read_ticket_id(table["ticket"].iloc[0]) == 12


@pytest.mark.parametrize("ticket", ["", "abc", "-1", "1.5", " 1", "1_0", "٣", 0, -3, True, False])
def test_what_cannot_be_a_ticket_id_is_a_value_error(ticket: int | str) -> None:
    with pytest.raises(ValueError, match="is no ticket id"):
        validation.read_ticket_id(ticket)


@pytest.mark.parametrize("ticket", [1.0, None, [1], pd.Series([1, 2]), b"1"])
def test_what_is_no_single_whole_number_is_a_type_error(ticket: object) -> None:
    with pytest.raises(TypeError, match=r"df\['ticket'\].iloc\[0\]"):
        validation.read_ticket_id(ticket)  # type: ignore[arg-type]  # that is the point


def test_services_come_as_a_list_a_column_or_a_single_hash() -> None:
    column = pd.DataFrame({"hash": ["abc", "def"]})["hash"]

    assert validation.read_service_hashes(["abc", "def"]) == ["abc", "def"]
    assert validation.read_service_hashes(column) == ["abc", "def"]
    assert validation.read_service_hashes("abc") == ["abc"]


@pytest.mark.parametrize("services", [None, 7, pd.DataFrame({"hash": ["abc"]})])
def test_what_is_no_collection_of_hashes_is_a_type_error(services: object) -> None:
    with pytest.raises(TypeError, match=r"services\['hash'\]"):
        validation.read_service_hashes(services)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("services", [[], "", [""], ["a,b"], ["a b"], ["abc", "é"], ["Example"]])
def test_what_cannot_be_hashes_is_a_value_error(services: list[str] | str) -> None:
    with pytest.raises(ValueError, match="hash"):
        validation.read_service_hashes(services)


def test_a_hash_that_is_no_text_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not int"):
        validation.read_service_hashes([1])  # type: ignore[list-item]  # that is the point


@pytest.mark.parametrize(
    "chunk", [(0, 0, 1), (1, 0, 1), (0.5, 0.25, 0.75), (np.float64(0.5), 0, 1)]
)
def test_progress_and_chunk_within_0_and_1_become_plain_numbers(
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
def test_a_number_outside_0_and_1_is_named(chunk: tuple[float, float, float], named: str) -> None:
    with pytest.raises(ValueError, match=f"^{named} must be between 0 and 1"):
        validation.read_chunk(*chunk)


def test_a_token_is_a_text_with_something_in_it() -> None:
    assert validation.read_login_token(" abc\n") == "abc"
    with pytest.raises(ValueError, match="is empty"):
        validation.read_login_token(" ")
    with pytest.raises(TypeError, match="not int"):
        validation.read_login_token(12345)  # type: ignore[arg-type]  # that is the point


def test_times_are_numbers() -> None:
    with pytest.raises(TypeError, match="timeout must be a number, not str"):
        validation.read_wait_times("5", 1)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("progress", [None, "0.5", True])
def test_progress_that_is_no_number_is_a_type_error(progress: object) -> None:
    with pytest.raises(TypeError, match=r"^progress must be a number"):
        validation.read_chunk(progress, 0, 1)  # type: ignore[arg-type]  # that is the point


def test_a_text_that_utf_8_cannot_carry_is_sent_all_the_same() -> None:
    assert validation.make_sendable("no file \udcff.nii") == "no file \\udcff.nii"
    with pytest.raises(TypeError, match="not NoneType"):
        validation.make_sendable(None)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(("start", "end"), [(0.5, 0.5), (0.6, 0.5), (1, 0)])
def test_an_empty_chunk_is_a_value_error(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="is empty"):
        validation.read_chunk(0.5, start, end)


def test_categories_statuses_and_areas_are_known_by_their_texts() -> None:
    assert validation.read_choice(LogCategory, "warning", "category") is LogCategory.WARNING
    assert validation.read_final_status("failed") is TicketStatus.FAILED
    assert validation.read_final_status(TicketStatus.SUCCESS) is TicketStatus.SUCCESS
    assert validation.read_choice(FileArea, "results", "area") is FileArea.RESULTS


def test_unknown_texts_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'info', 'warning' or 'error', not 'debug'"):
        validation.read_choice(LogCategory, "debug", "category")
    with pytest.raises(ValueError, match="'success' or 'failed', not 'ready'"):
        validation.read_final_status("ready")
    with pytest.raises(ValueError, match="'input' or 'results', not 'output'"):
        validation.read_choice(FileArea, "output", "area")


def test_paths_come_as_a_list_or_a_single_one() -> None:
    assert validation.read_file_paths(["a", Path("b")]) == [Path("a"), Path("b")]
    assert validation.read_file_paths("a") == [Path("a")]
    with pytest.raises(ValueError, match="no files"):
        validation.read_file_paths([])


@pytest.mark.parametrize("paths", [None, 7, b"a", [None], ["a", b"b"], [7]])
def test_what_are_no_paths_is_a_type_error(paths: object) -> None:
    with pytest.raises(TypeError, match=r"^(paths must be|The path of a file is)"):
        validation.read_file_paths(paths)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("parallel", [1, 64, np.int64(4)])
def test_files_are_moved_a_whole_number_at_a_time(parallel: int) -> None:
    assert validation.read_parallel(parallel) == parallel
    assert type(validation.read_parallel(parallel)) is int


@pytest.mark.parametrize("parallel", [0, -1, 65, True])
def test_files_are_not_moved_by_none_or_by_hundreds_at_a_time(parallel: int) -> None:
    with pytest.raises(ValueError, match="parallel must be between 1 and 64"):
        validation.read_parallel(parallel)


@pytest.mark.parametrize(("timeout", "interval"), [(-1, 1), (1, 0), (1, -1), (float("nan"), 1)])
def test_times_that_cannot_be_waited_are_a_value_error(timeout: float, interval: float) -> None:
    with pytest.raises(ValueError, match="seconds"):
        validation.read_wait_times(timeout, interval)


def test_a_log_begins_after_an_entry_or_at_its_beginning() -> None:
    assert [validation.read_since(entry) for entry in (None, 0, "0", np.int64(7))] == [
        None,
        0,
        0,
        7,
    ]


@pytest.mark.parametrize(
    ("given", "expected"), [(3, 3), ("3", 3), (np.int64(3), 3), ("a@example.com", "a@example.com")]
)
def test_a_user_is_an_id_or_an_address(given: int | str, expected: int | str) -> None:
    assert validation.read_user(given) == expected


def test_several_tickets_are_ids_each_of_them_once() -> None:
    assert validation.read_ticket_ids(pd.Series([3, 1, 3])) == [3, 1]
    assert validation.read_ticket_ids(range(1, 3)) == [1, 2]
    with pytest.raises(ValueError, match="no ticket id"):
        validation.read_ticket_ids([1, 0])


@pytest.mark.parametrize(("given", "expected"), [(np.True_, True), (False, False), (1, True)])
def test_a_flag_is_a_bool_of_any_kind(given: bool, expected: bool) -> None:
    assert validation.read_flag(given, "admin") is expected
