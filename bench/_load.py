"""Eight visitors who ask for pages as quickly as they are answered, over connections that stay open."""

import itertools
import socket
import threading
import time
from collections.abc import Iterable, Iterator

VISITORS = 8


def rate(port: int, paths: Iterator[str], seconds: float, *, headers: str = "", status: int = 200) -> float:
    """Answers a second to these paths, asked for until the time is over. SystemExit when one has another status."""
    over = time.monotonic() + seconds

    def asked() -> Iterator[bytes]:
        for path in paths:
            if time.monotonic() >= over:
                return
            yield request("GET", path, headers)

    return each(port, asked(), status)


def each(port: int, requests: Iterable[bytes], status: int) -> float:
    """Answers a second to these requests, each sent once. SystemExit when one has another status."""
    waiting = iter(requests)
    counts, wrong = [0] * VISITORS, list[str]()
    one = threading.Lock()

    def visit(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            while not wrong:
                with one:
                    sent = next(waiting, None)
                if sent is None:
                    return
                got = _ask(line, sent)
                if got != status:
                    wrong.append(f"{sent.split(b' HTTP')[0]!r} answered {got}, not {status}")
                counts[number] += 1

    began = time.monotonic()
    visitors = [threading.Thread(target=visit, args=(number,)) for number in range(VISITORS)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    if wrong:
        raise SystemExit(wrong[0])
    return sum(counts) / (time.monotonic() - began)


def same(path: str) -> Iterator[str]:
    return itertools.repeat(path)


def request(verb: str, path: str, headers: str = "", body: bytes = b"") -> bytes:
    """As it goes over the line; `headers` each with their line's end."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Language: zh-CN\r\n{headers}{length}\r\n"
    return head.encode() + body


def _ask(line: socket.socket, sent: bytes) -> int:
    line.sendall(sent)
    got = b""
    while b"\r\n\r\n" not in got:
        got += _more(line)
    head, _gap, body = got.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    length = next((int(each[15:]) for each in lines if each.lower().startswith(b"content-length:")), 0)
    missing = length - len(body)
    while missing > 0:
        missing -= len(_more(line))
    return int(lines[0].split()[1])


def _more(line: socket.socket) -> bytes:
    some = line.recv(1 << 18)
    if not some:
        raise SystemExit("the server hung up")
    return some
