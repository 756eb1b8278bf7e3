"""Eight visitors who ask for pages as quickly as they are answered, over connections that stay open."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator

VISITORS = 8


def rate(port: int, paths: Iterator[str], seconds: float, *, headers: str = "", status: int = 200) -> float:
    """Answers a second. SystemExit when one has another status."""
    over = time.monotonic() + seconds
    counts, wrong = [0] * VISITORS, list[str]()
    one = threading.Lock()

    def visit(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            while time.monotonic() < over and not wrong:
                with one:
                    path = next(paths)
                got = _ask(line, path, f"Host: 127.0.0.1:{port}\r\n{headers}")
                if got != status:
                    wrong.append(f"{path} answered {got}, not {status}")
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


def _ask(line: socket.socket, path: str, headers: str) -> int:
    line.sendall(f"GET {path} HTTP/1.1\r\nAccept-Language: zh-CN\r\n{headers}\r\n".encode())
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
