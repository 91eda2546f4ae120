"""Records what OTLP senders put on the wire, and what protobuf's own library reads in it.

Run with mlflow, opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http installed: python make-bodies.py > bodies.json
The spans of a body stand beside it in OTLP's JSON: protobuf's MessageToDict, with ids in hex.
"""

import base64
import gzip
import http.server
import json
import sys
import threading
import zlib
from importlib.metadata import version

import mlflow
from google.protobuf.json_format import MessageToDict
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

received = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/v1/traces":
            received.append((dict(self.headers), body))
        answer, kind = b"{}", "application/json"
        if self.path == "/version":
            answer, kind = b"3.6.0", "text/plain"
        elif self.path.startswith("/api/3.0/mlflow/traces"):
            answer = body
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def hex_ids(value):
    """MessageToDict writes bytes in base64; OTLP's JSON has ids in hex."""
    if isinstance(value, list):
        return [hex_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: base64.b64decode(item).hex() if key in ("traceId", "spanId", "parentSpanId") else hex_ids(item)
        for key, item in value.items()
    }


def spans_of(body):
    request = ExportTraceServiceRequest.FromString(body)
    spans = [s for r in request.resource_spans for c in r.scope_spans for s in c.spans]
    return [hex_ids(MessageToDict(span, use_integers_for_enums=True)) for span in spans]


def entry(sender, headers, body):
    encoding = headers.get("content-encoding") or headers.get("Content-Encoding") or ""
    plain = gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body) if encoding == "deflate" else body
    kind = headers.get("content-type") or headers.get("Content-Type")
    return {
        "sender": sender,
        "contentType": kind,
        "contentEncoding": encoding,
        "body": base64.b64encode(body).decode(),
        "spans": spans_of(plain),
    }


def taken(sender):
    entries = [entry(sender, headers, body) for headers, body in received]
    received.clear()
    return entries


def send_by_mlflow(url):
    mlflow.set_tracking_uri(url)
    mlflow.tracing.set_destination(mlflow.entities.trace_location.MlflowExperimentLocation("7"))

    @mlflow.trace(span_type="TOOL")
    def inner(x):
        return {"y": x * 2, "list": [1, None, "é", 2.5, True]}

    @mlflow.trace
    def outer(question):
        with mlflow.start_span("middle", attributes={"share": 1.5, "flag": True}) as span:
            span.set_inputs({"question": question})
            span.add_event(mlflow.entities.SpanEvent(name="event", attributes={"count": 1, "texts": ["x", "y"]}))
            return inner(3)

    outer("hello")
    return taken(f"mlflow {mlflow.__version__}")


def send_by_opentelemetry(exporter, name):
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("make-bodies")
    with tracer.start_as_current_span("request", kind=SpanKind.SERVER, attributes={"http.route": "/a"}) as root:
        with tracer.start_as_current_span(
            "chat", kind=SpanKind.CLIENT, links=[Link(root.get_span_context(), {"why": "linked"})]
        ) as span:
            span.set_attribute("gen_ai.usage.input_tokens", 12)
            span.set_attribute("gen_ai.usage.output_tokens", 30)
            span.set_attribute("scores", [0.25, -1.0])
            span.set_status(Status(StatusCode.ERROR, "refused"))
    provider.shutdown()
    return taken(f"opentelemetry-sdk {version_of('opentelemetry-sdk')}, {name}")


def version_of(package):
    try:
        return version(package)
    except Exception:
        from opentelemetry.sdk.version import __version__

        return __version__


def made_by_hand():
    """Every kind of value, at its edges, and fields that a reader must pass over."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id = bytes(range(1, 17)), bytes(range(1, 9))
    span.name, span.trace_state, span.flags, span.dropped_attributes_count = "edges", "a=b", 257, 3
    span.start_time_unix_nano = 2**64 - 1

    def put(key):
        attribute = span.attributes.add()
        attribute.key = key
        return attribute.value

    put("least").int_value = -(2**63)
    put("greatest").int_value = 2**63 - 1
    put("zero").int_value = 0
    put("false").bool_value = False
    put("empty text").string_value = ""
    put("nan").double_value = float("nan")
    put("infinity").double_value = float("-inf")
    put("tiny").double_value = 5e-324
    put("bytes").bytes_value = bytes([0, 255, 128])
    put("nothing")
    nested = put("nested").array_value
    nested.values.add().array_value.values.add().kvlist_value.values.add(key="k").value.int_value = -1
    put("empty list").array_value.SetInParent()
    put("empty map").kvlist_value.SetInParent()
    span.events.add(name="event", time_unix_nano=5, dropped_attributes_count=1)
    span.status.message = "message only"
    return [entry("protobuf", {"content-type": "application/x-protobuf"}, request.SerializeToString())]


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    endpoint = f"{url}/v1/traces"
    bodies = [
        *send_by_mlflow(url),
        *send_by_opentelemetry(OTLPSpanExporter(endpoint, compression=Compression.Gzip), "gzip"),
        *send_by_opentelemetry(OTLPSpanExporter(endpoint, compression=Compression.Deflate), "deflate"),
        *made_by_hand(),
    ]
    json.dump({"python": sys.version.split()[0], "bodies": bodies}, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
