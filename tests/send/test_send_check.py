"""What `amicable send` says of lines and files, with nothing published."""

import gzip
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from amicable.ndjson import MAX_LINE
from amicable.problems import OK, REFUSED, UNREACHABLE, USAGE, Problem
from amicable.send import send
from tests.send.lines import usage, write


def checked(source: str, *, as_json: bool = False) -> int:
    return send(source, kafka=None, check=True, as_json=as_json)


def as_json(source: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    checked(source, as_json=True)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_a_bad_line_is_reported_with_its_number_a_pointer_and_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(
        tmp_path / "events", usage("1"), b"", usage("2", quantity=-1), b"{", usage("3", colour="red"), usage("4")
    )
    assert checked(file) == REFUSED
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [
        "line 3: /quantity must be at least 0",
        "line 4: the message is not JSON in UTF-8: EOF while parsing an object at line 1 column 1",
        "line 5: /colour is not a field that is known here",
    ]
    assert shown.out.startswith("5 lines: 2 good, 3 bad, in ")


def test_first_events_in_the_readme_are_good(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text().replace("$now", "2026-03-02T14:05:09Z")
    lines = [line.encode() for line in readme.splitlines() if line.startswith('{"type":')]
    assert len(lines) == 2
    assert checked(write(tmp_path / "events", *lines)) == OK


def test_only_good_lines_end_with_exit_code_0(tmp_path: Path) -> None:
    assert checked(write(tmp_path / "events", usage("1"), usage("2"))) == OK


def test_an_empty_file_is_no_mistake(tmp_path: Path) -> None:
    assert checked(write(tmp_path / "events")) == OK


def test_twenty_bad_lines_are_shown_and_the_rest_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "events", *[b"{}"] * 1234)
    assert checked(file) == REFUSED
    told = capsys.readouterr().err.splitlines()
    assert told[19:] == ["line 20: /type is required", "… and 1,214 more bad lines; --json lists them all."]


def test_json_lists_every_bad_line_and_the_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = as_json(write(tmp_path / "events", usage("1"), *[b"{}"] * 50), capsys)
    assert document["bad_lines"] == [{"line": n, "pointer": "/type", "reason": "is required"} for n in range(2, 52)]
    assert (document["lines"], document["good"], document["bad"], document["published"]) == (51, 1, 50, 0)
    assert document["stopped"] is None


def test_a_byte_order_mark_windows_line_ends_and_no_last_line_end_are_tolerated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"\xef\xbb\xbf" + usage("1") + b"\r\n\r\n  \r\n" + usage("2", "Größe") + b"\r\n" + usage("3"))
    document = as_json(str(path), capsys)
    assert (document["good"], document["bad_lines"]) == (3, [])


def test_a_byte_order_mark_elsewhere_is_a_bad_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "events", usage("1"), b"\xef\xbb\xbf" + usage("2"))
    assert [bad["line"] for bad in as_json(file, capsys)["bad_lines"]] == [2]


def test_a_line_of_more_than_a_mebibyte_is_refused_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    longest = b" " * (MAX_LINE - len(usage("1"))) + usage("1")
    file = write(tmp_path / "events", longest, b" " + longest, b"x" * 5 * MAX_LINE, usage("4"), b"y" * 3 * MAX_LINE)
    document = as_json(file, capsys)
    assert document["bad_lines"] == [
        {"line": n, "pointer": "", "reason": "is longer than 1,048,576 bytes"} for n in (2, 3, 5)
    ]
    assert (document["lines"], document["good"]) == (5, 2)


def test_one_endless_line_is_read_in_bounded_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "events.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write(b"x" * MAX_LINE)
        file.write(b"\n" + usage("2"))
    tracemalloc.start()
    document = as_json(str(path), capsys)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (document["lines"], document["good"]) == (2, 1)
    assert peak < 16 * MAX_LINE


def test_a_gzip_file_is_read_whatever_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("events.gz", "events.ndjson"):
        (tmp_path / name).write_bytes(gzip.compress(usage("1") + b"\n" + usage("2") + b"\n"))
        assert as_json(str(tmp_path / name), capsys)["good"] == 2


def test_a_file_that_is_no_gzip_missing_or_a_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.gz", usage("1"))
    told = {
        plain: f"{plain} is not a gzip file: check its name, or send it without .gz.",
        f"{tmp_path}/absent": f"{tmp_path}/absent cannot be read: No such file or directory.",
        f"{tmp_path}": f"{tmp_path} cannot be read: Is a directory.",
    }
    for name, sentence in told.items():
        with pytest.raises(Problem) as refused:
            checked(name)
        assert (str(refused.value), refused.value.code) == (sentence, USAGE)


def test_a_gzip_file_that_is_cut_off_is_reported_after_its_whole_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "events.gz"
    path.write_bytes(gzip.compress(usage("1") + b"\n" + usage("2") + b"\n")[:-4])
    with pytest.raises(Problem) as refused:
        checked(str(path), as_json=True)
    sentence = f"{path} cannot be read after line 2: it is damaged or cut off."
    assert (str(refused.value), refused.value.code) == (sentence, REFUSED)
    document = json.loads(capsys.readouterr().out)
    assert (document["good"], document["stopped"]) == (2, sentence)


def test_no_kafka_at_the_address_is_one_sentence_and_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "events", usage("1"))
    for address in ("127.0.0.1:1", "not-a-host.invalid:9092", "127.0.0.1:notaport"):
        with pytest.raises(Problem) as refused:
            send(file, kafka=address, check=False, as_json=False)
        assert refused.value.code == UNREACHABLE
        assert str(refused.value).startswith(f"Kafka does not answer at {address} (")
        assert capsys.readouterr().err == ""  # the command line prints the sentence


def test_standard_input_is_read_as_minus(tmp_path: Path) -> None:
    code = "import sys; from amicable.send import send; sys.exit(send('-', kafka=None, check=True, as_json=True))"
    for given in (usage("1") + b"\n{}", gzip.compress(usage("1") + b"\n{}")):
        done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=False)
        assert done.returncode == REFUSED, done.stderr
        assert [bad["line"] for bad in json.loads(done.stdout)["bad_lines"]] == [2]
