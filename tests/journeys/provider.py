"""A small identity provider on another site, as a browser meets it."""

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

from lxml import etree

PAGE = """<!doctype html><html lang="en"><title>Alder directory</title><h1>Alder directory</h1>
<form method="post" action="{acs}"><input type="hidden" name="SAMLResponse" value="{answer}">
<button>I am Ann</button></form></html>"""


@contextmanager
def serve_provider(answer: Callable[[etree._Element], str]) -> Iterator[str]:
    """Its single sign-on address while it runs; `answer` makes the form field for a request."""

    class Page(BaseHTTPRequestHandler):
        """Takes an AuthnRequest by POST and offers the answer to be posted back."""

        def do_POST(self) -> None:
            """The person logs in here, by a button."""
            length = int(self.headers["Content-Length"])
            form = parse_qs(self.rfile.read(length).decode())
            request = etree.fromstring(base64.b64decode(form["SAMLRequest"][0]))
            acs = request.get("AssertionConsumerServiceURL")
            body = PAGE.format(acs=acs, answer=answer(request)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Page)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/sso"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
