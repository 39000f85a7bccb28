#!/usr/bin/env python3
"""Takes uploads to Google Cloud Storage on loopback, and throws them away: for measuring the one who uploads.

It keeps the length and the CRC32C of what came, checks what the client says of it, and answers as Google's servers do,
so that a client works as it would on the real thing. It speaks

  - the XML API's multipart uploads: begin, part, list of parts, complete, abort; and the plain PUT of an object;
  - the JSON API's resumable uploads, with all forms of Content-Range;
  - what a key may do that can create objects and no more: reading and overwriting are refused. With --readable an
    object's resource, a bucket's and a list are there, too, but never the content.

It is not an emulator: nothing can be read back, nobody has to say who he is, and nothing is checked but what would make
a measurement wrong. Whether a client does what Google asks for is for the tests to say.

The first line on standard output is the port. Then there is a line for each object, before the client is told of it:
BUCKET/NAME, size and CRC32C, with blanks between them. Without the package google_crc32c, which is all that is needed
beside Python, the last is -, and the client is believed.
"""

import argparse
import base64
import contextlib
import functools
import json
import re
import socket
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

try:
    from google_crc32c import extend
except ImportError:
    extend = None

MEBIBYTE = 1 << 20

objects = {}  # (bucket, name) -> Stored
sessions = {}  # id of a resumable upload -> (bucket, name, CRC32C that was announced, only if new, Stored)
uploads = {}  # id of a multipart upload -> (bucket, name, {part's number: (ETag, Stored)})

def multiplied(a, b):
    """The product of two polynomials modulo that of CRC32C; the highest bit is the lowest power."""
    product = 0
    for bit in range(31, -1, -1):
        if a >> bit & 1:
            product ^= b
        b = b >> 1 ^ (0x82F63B78 if b & 1 else 0)
    return product

@functools.lru_cache
def power(exponent):
    """x to that power."""
    if exponent < 2:
        return 1 << 31 - exponent
    half = power(exponent // 2)
    return multiplied(multiplied(half, half), power(exponent % 2))

class Stored:
    """So many bytes with that checksum."""

    def __init__(self):
        self.size = 0
        self.crc = 0

    def take(self, data):
        self.size += len(data)
        if extend:
            self.crc = extend(self.crc, bytes(data))  # the package takes nothing that could change under it

    def join(self, other):
        self.size += other.size
        self.crc = multiplied(power(8 * other.size), self.crc) ^ other.crc

    def crc32c(self):
        return base64.b64encode(self.crc.to_bytes(4, "big")).decode()

    def goog_hash(self):
        return f"crc32c={self.crc32c()}"

    def is_as(self, said):
        """Whether it is what the client says, who is believed where nothing is computed."""
        if said and not extend:
            self.crc = int.from_bytes(base64.b64decode(said), "big")
        return said in (None, self.crc32c())

class Refusal(Exception):
    """Its arguments: the status, the code for programs, the message."""

def add(bucket, name, stored, crc32c=None, only_new=False):
    """Makes an object, if it is what the client says and there is none yet."""
    if not stored.is_as(crc32c):
        raise Refusal(400, "invalid", f"Provided CRC32C {crc32c} doesn't match calculated CRC32C {stored.crc32c()}.")
    if only_new and (bucket, name) in objects:
        raise Refusal(412, "conditionNotMet", "There is such an object.")
    if (bucket, name) in objects and not options.readable:
        raise Refusal(403, "forbidden", "The caller does not have storage.objects.delete access.")
    objects[bucket, name] = stored
    print(f"{bucket}/{name}", stored.size, stored.crc32c() if extend else "-", flush=True)

class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self):
        super().setup()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * MEBIBYTE)
        self.scratch = memoryview(bytearray(MEBIBYTE))
        self.free_at = 0.0  # when a connection of that rate has taken what came

    def handle(self):
        with contextlib.suppress(ConnectionError):
            super().handle()

    log_message = lambda *_: None

    def receive(self, skip=0):
        """Takes the body; what comes after the first `skip` bytes counts."""
        stored = Stored()
        while self.left:
            count = self.rfile.readinto1(self.scratch[: min(self.left, MEBIBYTE)])
            if not count:
                raise ConnectionResetError
            self.left -= count
            stored.take(self.scratch[min(skip, count) : count])
            skip -= min(skip, count)
            if options.mbps:
                self.free_at = max(self.free_at, time.monotonic()) + count / options.mbps / 1e6
                ahead = self.free_at - time.monotonic()
                if ahead > 0.002:
                    time.sleep(ahead)
        return stored

    def text(self):
        count, self.left = self.left, 0
        return self.rfile.read(count).decode()

    def answer(self, status, body="", **headers):
        self.receive()  # what is left where something is refused
        time.sleep(options.latency_ms / 1000)
        body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status, {308: "Resume Incomplete", 499: "Client Closed Request"}.get(status))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/xml" if body.startswith(b"<") else "application/json")
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def said_crc32c(self):
        match = re.search(r"crc32c=([^,\s]+)", ",".join(self.headers.get_all("X-Goog-Hash", [])))
        return match and match[1]

    def respond(self):
        url = urlsplit(self.path)
        self.query = dict(parse_qsl(url.query, keep_blank_values=True))
        self.left = int(self.headers.get("Content-Length") or 0)  # of the body
        is_json = re.match(r"/(resumable/)?(upload/)?storage/v1/", url.path)
        try:
            if match := re.fullmatch(r"(?:/resumable)?/upload/storage/v1/b/([^/]+)/o", url.path):
                self.respond_resumable(match[1])
            elif is_json:
                self.respond_reading(url.path.removeprefix("/storage/v1"))
            elif match := re.fullmatch(r"/([^/]+)/(.+)", url.path):
                self.respond_xml(match[1], unquote(match[2]))
            else:
                raise Refusal(404, "NoSuchBucket", "There is nothing here.")
        except Refusal as refusal:
            status, code, message = refusal.args
            error = {"error": {"code": status, "message": message, "errors": [{"reason": code}]}}
            xml = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
            self.answer(status, error if is_json else xml)

    do_GET = do_PUT = do_POST = do_DELETE = respond

    # The XML API

    def respond_xml(self, bucket, name):
        if self.command == "POST" and "uploads" in self.query:
            one = uuid.uuid4().hex
            uploads[one] = (bucket, name, {})
            return self.answer_xml("InitiateMultipartUploadResult", bucket, name, f"<UploadId>{one}</UploadId>")
        if "uploadId" in self.query:
            return self.respond_multipart(self.query["uploadId"], bucket, name)
        if self.command != "PUT":
            raise Refusal(403, "AccessDenied", "The caller does not have storage.objects.get access.")
        stored = self.receive()
        add(bucket, name, stored, self.said_crc32c())
        return self.answer(200, x_goog_hash=stored.goog_hash())

    def respond_multipart(self, upload_id, bucket, name):
        if uploads.get(upload_id, ())[:2] != (bucket, name):
            raise Refusal(404, "NoSuchUpload", "The requested upload was not found.")
        parts = uploads[upload_id][2]
        if self.command == "PUT":
            stored = self.receive()
            if not stored.is_as(self.said_crc32c()):
                raise Refusal(400, "BadDigest", "The CRC32C you specified did not match what we received.")
            etag = f'"{uuid.uuid4().hex}"'
            parts[int(self.query["partNumber"])] = (etag, stored)
            self.answer(200, ETag=etag, x_goog_hash=stored.goog_hash())
        elif self.command == "GET":
            part = "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag><Size>{}</Size></Part>"
            items = "".join(part.format(number, etag, its.size) for number, (etag, its) in sorted(parts.items()))
            self.answer_xml("ListPartsResult", bucket, name, f"<UploadId>{upload_id}</UploadId>{items}")
        elif self.command == "DELETE":
            del uploads[upload_id]
            self.answer(204)
        else:
            whole = Stored()
            for one in ElementTree.fromstring(self.text()).iterfind("{*}Part"):
                etag, stored = parts.get(int(one.findtext("{*}PartNumber")), ("", None))
                if stored is None or etag.strip('"') != one.findtext("{*}ETag").strip('"'):
                    raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.")
                whole.join(stored)
            add(bucket, name, whole)
            del uploads[upload_id]
            self.answer_xml("CompleteMultipartUploadResult", bucket, name, x_goog_hash=whole.goog_hash())

    def answer_xml(self, kind, bucket, name, rest="", **headers):
        names = f"<Bucket>{bucket}</Bucket><Key>{escape(name)}</Key>"
        self.answer(200, f'<{kind} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{names}{rest}</{kind}>', **headers)

    # The JSON API

    def respond_resumable(self, bucket):
        if "upload_id" in self.query:
            return self.respond_session(self.query["upload_id"])
        if self.query.get("uploadType") != "resumable":
            raise Refusal(400, "invalid", "This sink takes no uploads of the JSON API but resumable ones.")
        resource = json.loads(self.text() or "{}")
        name = self.query.get("name") or resource.get("name")
        upload_id = uuid.uuid4().hex
        only_new = self.query.get("ifGenerationMatch") == "0"
        sessions[upload_id] = (bucket, name, resource.get("crc32c"), only_new, Stored())
        path = f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload_id}"
        return self.answer(200, Location=f"http://{self.headers['Host']}{path}")

    def respond_session(self, upload_id):
        if upload_id not in sessions:
            raise Refusal(404, "notFound", "No such upload.")
        bucket, name, crc32c, only_new, stored = sessions[upload_id]
        if self.command == "DELETE":
            del sessions[upload_id]
            return self.answer(499)
        if objects.get((bucket, name)) is not stored:  # else the answer was lost
            if not self.received_last(stored):
                persisted = f"bytes=0-{stored.size - 1}" if stored.size else None
                status = 200 if self.headers.get("X-GUploader-No-308") == "yes" else 308
                return self.answer(status, Range=persisted, X_HTTP_Status_Code_Override="308")
            add(bucket, name, stored, self.said_crc32c() or crc32c, only_new)
        return self.answer(200, resource_of(bucket, name, stored), X_Goog_Hash=stored.goog_hash())

    def received_last(self, stored):
        """Takes what comes with a request to a session; true if that was all there is."""
        said = self.headers.get("Content-Range", f"bytes 0-0/{self.left}")
        match = re.fullmatch(r"bytes (?:\*|(\d+)-\d+)/(\*|\d+)", said)
        if not match:
            raise Refusal(400, "badRequest", f"Content-Range: {said}")
        first, total = match.groups()
        if first is not None:
            if int(first) > stored.size:
                raise Refusal(503, "backendError", "There is a gap.")
            stored.join(self.receive(skip=stored.size - int(first)))
        return total != "*" and int(total) == stored.size

    def respond_reading(self, path):
        match = re.fullmatch(r"/b/([^/]+)(/o)?(?:/(.+))?", path)
        if self.command != "GET" or not options.readable or not match:
            raise Refusal(403, "forbidden", "The caller may create objects, and nothing else.")
        bucket, is_list, name = match[1], match[2], unquote(match[3] or "")
        if not is_list:
            return self.answer(200, {"kind": "storage#bucket", "id": bucket, "name": bucket})
        if name:
            if (bucket, name) not in objects:
                raise Refusal(404, "notFound", f"No such object: {bucket}/{name}")
            return self.answer(200, resource_of(bucket, name, objects[bucket, name]))
        found = sorted(key for key in objects if key[0] == bucket and key[1].startswith(self.query.get("prefix", "")))
        return self.answer(200, {"items": [resource_of(*key, objects[key]) for key in found]})

def resource_of(bucket, name, stored):
    content = {"size": str(stored.size), "crc32c": stored.crc32c(), "updated": "2000-01-01T00:00:00Z"}
    return {"kind": "storage#object", "bucket": bucket, "name": name, "generation": "1"} | content

ThreadingHTTPServer.request_queue_size = 128  # of connections that are begun at once
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--port", type=int, default=0, help="0, the default, for any")
parser.add_argument("--readable", action="store_true", help="what was stored may be looked at, and overwritten")
parser.add_argument("--latency-ms", type=float, default=0, metavar="L", help="so long before each answer")
parser.add_argument("--mbps", type=float, default=0, metavar="R", help="no more than so many MB/s of one connection")
options = parser.parse_args()

sink = ThreadingHTTPServer(("127.0.0.1", options.port), Connection)
print(sink.server_port, flush=True)
with contextlib.suppress(KeyboardInterrupt):
    sink.serve_forever()
