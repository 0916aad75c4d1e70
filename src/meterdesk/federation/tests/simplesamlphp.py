"""Debian's SimpleSAMLphp as an identity provider, served by PHP's own web server.

It logs everybody in as Ann at once, so that what is tried is SAML and nothing else.
"""

import os
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode

CODE = Path("/usr/share/simplesamlphp/www")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"

CONFIG = """<?php
$config = [
    'baseurlpath' => '{site}/', 'certdir' => '{home}/', 'loggingdir' => '{home}/',
    'datadir' => '{home}/', 'tempdir' => '{home}/tmp', 'metadatadir' => '{home}/metadata',
    'secretsalt' => 'of a test alone', 'auth.adminpassword' => 'of a test alone',
    'technicalcontact_email' => 'na@example.org', 'timezone' => 'UTC',
    'logging.handler' => 'errorlog', 'logging.level' => 3, 'debug' => null,
    'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'saml' => true],
    'store.type' => 'phpsession', 'session.phpsession.savepath' => '{home}/tmp',
    'session.cookie.secure' => false, 'language.default' => 'en',
    'metadata.sources' => [['type' => 'flatfile']], 'trusted.url.domains' => [],
];
"""
SOURCES = """<?php
$config = ['ann' => ['exampleauth:StaticSource', 'uid' => ['ann-7f3a'], {claims}]];
"""
HOSTED = """<?php
$metadata['{site}/idp'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'key.pem', 'certificate' => 'cert.pem',
    'auth' => 'ann', 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'SingleSignOnServiceBinding' => ['urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'],
    'NameIDFormat' => '{persistent}',
    'authproc' => [
        3 => ['class' => 'saml:AttributeNameID', 'attribute' => 'uid', 'Format' => '{persistent}'],
        4 => ['class' => 'saml:AuthnContextClassRef', 'AuthnContextClassRef' => '{context}'],
    ],
];
"""
KNOWN = """<?php
$metadata['{entity_id}'] = [
    'AssertionConsumerService' => '{acs}', 'NameIDFormat' => '{persistent}',
    'saml20.sign.assertion' => {sign_assertion}, 'saml20.sign.response' => {sign_response},
];
"""


def is_installed() -> bool:
    """Whether PHP and SimpleSAMLphp are on this machine."""
    return CODE.is_dir() and shutil.which("php") is not None


@contextmanager
def serve(home: Path, claims: dict[str, str], **given: str) -> Iterator[str]:
    """Its address while it runs; `home` holds key.pem and cert.pem.

    Args:
        given: entity_id and acs of the service provider, context, sign_assertion, sign_response.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = f"http://127.0.0.1:{port}"
    (home / "metadata").mkdir()
    (home / "tmp").mkdir()
    said = ", ".join(f"'{name}' => ['{value}']" for name, value in claims.items())
    fill = {"site": site, "home": str(home), "claims": said, "persistent": PERSISTENT, **given}
    for name, text in (
        ("config.php", CONFIG),
        ("authsources.php", SOURCES),
        ("metadata/saml20-idp-hosted.php", HOSTED),
        ("metadata/saml20-sp-remote.php", KNOWN),
    ):
        filled = text
        for what, value in fill.items():
            filled = filled.replace(f"{{{what}}}", value)
        (home / name).write_text(filled)
    with subprocess.Popen(
        ["php", "-S", f"127.0.0.1:{port}", "-t", str(CODE)],
        env={**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            said_first = server.stderr.readline() if server.stderr else ""
            assert "started" in said_first, said_first
            yield site
        finally:
            server.terminate()


def metadata(site: str) -> bytes:
    """What it says of itself."""
    with urllib.request.urlopen(f"{site}/saml2/idp/metadata.php", timeout=20) as answer:
        return bytes(answer.read())


def post(url: str, request_field: str) -> str:
    """Post an AuthnRequest as a browser would; returns the form field of the answer."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    body = urlencode({"SAMLRequest": request_field}).encode()
    try:
        with browser.open(url, body, timeout=20) as answer:
            page = answer.read().decode()
    except URLError as error:
        detail = error.read().decode() if hasattr(error, "read") else ""  # its page says why
        raise AssertionError(f"{error}: {detail[:3000]}") from error
    return page.split('name="SAMLResponse" value="')[1].split('"')[0]
