"""Downloads from a real server that breaks off, lies, serves other bytes, ignores ranges, hangs."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.loopback import (
    Loopback,
    hang,
    hang_after,
    loopback_server,
    redirect,
    serve,
    serve_without_length,
    status,
    trickle,
)
from yolact_live.errors import ModelError
from yolact_live.infer.download import Expected, Patience, fetch, notes_of

CONTENT = np.random.default_rng(0).bytes(1_000_000)
OTHER = np.random.default_rng(1).bytes(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
KNOWN = Expected(len(CONTENT), {"sha256": SHA256, "sha384": hashlib.sha384(CONTENT).hexdigest()})
UNKNOWN = Expected()
HASTY = Patience(stall_s=0.3, attempts=3, pause_s=0.01)
ONCE = Patience(stall_s=0.3, attempts=1)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback_server() as loopback:
        yield loopback


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "weights.pth.part"


def get(
    part: Path, *urls: str, expected: Expected = KNOWN, patience: Patience = HASTY
) -> list[tuple[int, int | None]]:
    """Fetch, and return what was told of the progress."""
    told: list[tuple[int, int | None]] = []
    fetch(urls, part, expected, lambda done, total: told.append((done, total)), patience)
    return told


def ranges(server: Loopback) -> list[str | None]:
    return [request.range for request in server.requests]


# ------------------------------------------------------------------------------ whole file


@pytest.mark.parametrize("expected", [KNOWN, UNKNOWN])
def test_a_file_arrives_and_progress_is_told(server: Loopback, part: Path, expected: Expected) -> None:
    told = get(part, server.at("/a", serve(CONTENT)), expected=expected)
    assert part.read_bytes() == CONTENT
    assert told[0] == (0, len(CONTENT))
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_mirror_that_served_it_is_told(server: Loopback, part: Path) -> None:
    urls = [server.at("/a", status(404)), server.at("/b", serve(CONTENT))]
    assert fetch(urls, part, KNOWN, lambda done, total: None, HASTY) == urls[1]


def test_redirects_are_followed(server: Loopback, part: Path) -> None:
    server.at("/b", serve(CONTENT))
    get(part, server.at("/a", redirect("/b")))
    assert part.read_bytes() == CONTENT


def test_a_file_without_announced_length_arrives(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", serve_without_length(CONTENT)))
    assert part.read_bytes() == CONTENT


def test_the_proxy_of_the_environment_is_used(
    server: Loopback, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    server.answers["http://weights.invalid/a.pth"] = [serve(CONTENT)]
    get(part, "http://weights.invalid/a.pth")
    assert part.read_bytes() == CONTENT


# -------------------------------------------------------------------------------- resuming


@pytest.mark.parametrize("expected", [KNOWN, UNKNOWN])
def test_a_broken_connection_is_continued_from_where_it_broke(
    server: Loopback, part: Path, expected: Expected
) -> None:
    get(part, server.at("/a", serve(CONTENT, stop=300_000), serve(CONTENT)), expected=expected)
    assert part.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=300000-"]
    assert server.requests[1].headers["If-Range"] == '"one"'
    assert server.sent == len(CONTENT)


@pytest.mark.parametrize("expected", [KNOWN, UNKNOWN])
def test_a_later_call_continues(server: Loopback, part: Path, expected: Expected) -> None:
    url = server.at("/a", serve(CONTENT, stop=600_000), serve(CONTENT))
    with pytest.raises(ModelError, match=r"broke|Incomplete"):
        get(part, url, expected=expected, patience=ONCE)
    assert part.stat().st_size == 600_000
    told = get(part, url, expected=expected, patience=ONCE)
    assert part.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)
    assert told[0] == (600_000, len(CONTENT))


def test_a_complete_part_is_not_asked_for_again(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(CONTENT))
    get(part, url)
    get(part, url)
    assert len(server.requests) == 1


def test_a_server_that_ignores_ranges_sends_the_whole(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", serve(CONTENT, stop=300_000), serve(CONTENT, ranges=False)))
    assert part.read_bytes() == CONTENT
    assert server.sent == 300_000 + len(CONTENT)


def test_without_hash_and_validator_nothing_is_joined(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(OTHER, etag=None, stop=300_000), serve(CONTENT, etag=None))
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT
    assert ranges(server) == [None, None]


def test_with_a_hash_no_validator_is_needed(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", serve(CONTENT, etag=None, stop=300_000), serve(CONTENT, etag=None)))
    assert part.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_a_weak_validator_does_not_do(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(OTHER, etag='W/"1"', stop=300_000), serve(CONTENT, etag='W/"1"'))
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT


def test_parts_of_different_versions_are_not_joined(server: Loopback, part: Path) -> None:
    get(
        part,
        server.at("/a", serve(OTHER, stop=300_000), serve(CONTENT, etag='"two"')),
        expected=UNKNOWN,
    )
    assert part.read_bytes() == CONTENT


def test_joined_parts_with_a_wrong_hash_are_fetched_anew(server: Loopback, part: Path) -> None:
    url = server.at(
        "/a", serve(OTHER, stop=300_000), serve(CONTENT, etag='"two"', heed_if_range=False), serve(CONTENT)
    )
    get(part, url)
    assert part.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=300000-", None]


def test_a_part_of_another_offset_is_not_joined(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(CONTENT, stop=300_000), serve(CONTENT, shift=-7), serve(CONTENT))
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=300000-", None]


def test_a_file_that_became_shorter_is_fetched_anew(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(CONTENT, stop=600_000), serve(CONTENT[:500_000]))
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT[:500_000]


def test_unreadable_notes_mean_a_fresh_start(server: Loopback, part: Path) -> None:
    part.write_bytes(OTHER[:300_000])
    notes_of(part).write_text("{")
    get(part, server.at("/a", serve(CONTENT)), expected=UNKNOWN)
    assert part.read_bytes() == CONTENT


def test_stopping_from_outside_keeps_the_part(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(CONTENT))

    def stop(done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch([url], part, KNOWN, stop, HASTY)
    there = part.stat().st_size
    assert 0 < there < len(CONTENT)
    get(part, url)
    assert part.read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={there}-"]


def test_hugging_face_is_continued_although_its_etags_differ(server: Loopback, part: Path) -> None:
    server.at("/cdn", serve(CONTENT, etag='"x"', stop=300_000), serve(CONTENT, etag='"y"'))
    url = server.at("/a", redirect("/cdn", X_Linked_ETag=f'"{SHA256}"'))
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_hugging_face_announces_a_hash_that_is_checked(server: Loopback, part: Path) -> None:
    server.at("/cdn", serve(OTHER))
    with pytest.raises(ModelError, match="another file"):
        get(part, server.at("/a", redirect("/cdn", X_Linked_ETag=f'"{SHA256}"')), expected=UNKNOWN)
    assert not part.exists()


def test_hugging_face_announces_another_file_meanwhile(server: Loopback, part: Path) -> None:
    digest = hashlib.sha256(OTHER).hexdigest()
    server.at("/cdn", serve(OTHER, stop=300_000), serve(CONTENT, heed_if_range=False))
    url = server.at(
        "/a", redirect("/cdn", X_Linked_ETag=f'"{digest}"'), redirect("/cdn", X_Linked_ETag=f'"{SHA256}"')
    )
    get(part, url, expected=UNKNOWN)
    assert part.read_bytes() == CONTENT


# ---------------------------------------------------------------------------- wrong content


def test_a_wrong_hash_removes_the_file(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="sends another file than published: sha256") as caught:
        get(part, server.at("/a", serve(OTHER)))
    assert not part.exists()
    assert not notes_of(part).exists()
    assert len(server.requests) == 1
    assert "\n" not in str(caught.value)


def test_the_second_hash_is_checked_too(server: Loopback, part: Path) -> None:
    expected = Expected(None, {"sha256": SHA256, "sha384": "0" * 96})
    with pytest.raises(ModelError, match="sha384"):
        get(part, server.at("/a", serve(CONTENT)), expected=expected)
    assert not part.exists()


def test_the_next_mirror_makes_good_for_a_wrong_one(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", serve(OTHER)), server.at("/b", serve(CONTENT)))
    assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("lie", [-1000, 1000])
def test_a_length_other_than_published_is_refused_unread(server: Loopback, part: Path, lie: int) -> None:
    with pytest.raises(ModelError, match=f"offers a file of {len(CONTENT) + lie} bytes"):
        get(part, server.at("/a", serve(CONTENT, lie=lie)))
    assert not part.exists()
    assert len(server.requests) == 1


def test_a_length_announced_too_long_is_no_success(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="could not be downloaded"):
        get(part, server.at("/a", serve(CONTENT, lie=1000)), expected=UNKNOWN)


def test_more_than_published_is_not_read(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="sends more than 1000000 bytes"):
        get(part, server.at("/a", serve_without_length(CONTENT + OTHER)))
    assert part.stat().st_size <= len(CONTENT)


def test_less_than_published_is_continued(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", serve_without_length(CONTENT[:500_000]), serve(CONTENT)))
    assert part.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_an_endless_file_is_refused(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="offers a file of 2000000000 bytes"):
        get(part, server.at("/a", serve(CONTENT, lie=1_999_000_000)), expected=UNKNOWN)


def test_the_disk_must_have_room(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match=r"1000000000 MB are needed, \d+ MB are free.*make room"):
        get(part, server.at("/a", serve(CONTENT)), expected=Expected(10**15))
    assert not server.requests


def test_room_is_needed_for_what_follows_too(server: Loopback, part: Path) -> None:
    url = server.at("/a", serve(CONTENT))
    with pytest.raises(ModelError, match="1000000001 MB are needed"):
        fetch([url], part, KNOWN, lambda done, total: None, HASTY, reserve=10**15)
    assert not server.requests


# ----------------------------------------------------------------------------- no connection


def test_not_found_is_not_tried_again(server: Loopback, part: Path) -> None:
    with pytest.raises(
        ModelError, match=r"a could not be downloaded \(127.0.0.1:\d+ answers 404 Not Found\)"
    ):
        get(part, server.at("/a", status(404)))
    assert len(server.requests) == 1


def test_all_mirrors_are_named_in_the_end(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match=r"answers 404 .*; .* answers 403 .*the same command again"):
        get(part, server.at("/a", status(404)), server.at("/b", status(403)))


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_server_that_is_busy_is_tried_again(server: Loopback, part: Path, code: int) -> None:
    get(part, server.at("/a", status(code), serve(CONTENT)))
    assert part.read_bytes() == CONTENT


def test_attempts_come_to_an_end(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="503"):
        get(part, server.at("/a", status(503)))
    assert len(server.requests) == HASTY.attempts


def test_a_server_that_hangs_is_given_up(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="does not answer"):
        get(part, server.at("/a", hang), patience=ONCE)


def test_a_server_that_hangs_in_the_middle_is_asked_for_the_rest(server: Loopback, part: Path) -> None:
    get(part, server.at("/a", hang_after(CONTENT, 300_000), serve(CONTENT)))
    assert part.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_a_server_that_trickles_is_given_up(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="hardly sends anything"):
        get(part, server.at("/a", trickle(CONTENT)), patience=ONCE)
    assert server.sent < 1000


def test_an_endless_redirect_is_an_error(server: Loopback, part: Path) -> None:
    with pytest.raises(ModelError, match="redirects"):
        get(part, server.at("/a", redirect("/a")), patience=ONCE)


def test_nobody_listens(part: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ModelError, match="cannot be reached"):
        get(part, f"http://127.0.0.1:{port}/a")
