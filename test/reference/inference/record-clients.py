"""Drives Triton's and KServe's own Python clients against the serving APIs, and keeps what went over the wire: clients.json.

Each exchange stands only if the client read from the answer the very values that it had sent to a model that gives back
what it takes. Client code is the projects' own; what is replaced is the transport (gevent's and httpx's), protobuf and
the loggers, none of which touches a body.

Sources: triton-inference-server/client at 58a44caa, src/python/library; kserve/kserve at aaac4e29, python/kserve.
Versions: Python 3.11.7, numpy 2.4.6, orjson 3.8.3, pydantic 2.13.4, pandas 3.0.6.
Run: python record-clients.py <triton's folder> <kserve's folder> <port of a server with the test's models> > clients.json
"""

import base64
import http.client
import json
import sys
import types

import numpy as np

TRITON, KSERVE, PORT = sys.argv[1:4]
HEADER_LENGTH = "inference-header-content-length"
log = []


def send(client, method, path, body, headers):
    """Exactly these headers, as neither client's transport adds one that says what the body is."""
    connection = http.client.HTTPConnection("127.0.0.1", int(PORT))
    connection.putrequest(method, "/" + path.lstrip("/"))
    body = body.encode() if isinstance(body, str) else body
    headers = {key.lower(): str(value) for key, value in (headers or {}).items()}
    for key, value in headers.items():
        connection.putheader(key, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    content = answer.read()
    log.append(
        {
            "client": client,
            "method": method,
            "path": "/" + path.lstrip("/"),
            "headers": headers,
            "body": base64.b64encode(body or b"").decode(),
            "status": answer.status,
            "answer": base64.b64encode(content).decode(),
        }
    )
    return answer.status, {key.lower(): value for key, value in answer.headers.items()}, content


class Answer:
    def __init__(self, status, headers, content):
        self.status_code, self.headers, self.rest = status, headers, content

    def get(self, name, default=None):
        return self.headers.get(name.lower(), default)

    def read(self, length=-1):
        length = len(self.rest) if length < 0 else length
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken


class GeventClient:
    @classmethod
    def from_url(cls, _url, **_options):
        return cls()

    def close(self):
        pass

    def get(self, uri, headers=None):
        return Answer(*send("triton", "GET", uri, None, headers))

    def post(self, request_uri=None, body=b"", headers=None):
        return Answer(*send("triton", "POST", request_uri, body, headers))


class Url:
    def __init__(self, _url):
        self.request_uri = "/"


class Pool:
    def __init__(self, _size=None):
        pass

    def join(self):
        pass


def module(name, **content):
    made = types.ModuleType(name)
    made.__dict__.update(content)
    sys.modules[name] = made
    return made


class Anything(types.ModuleType):
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {})


sys.path.insert(0, TRITON)
sys.modules["rapidjson"] = json
module("gevent", pool=module("gevent.pool", Pool=Pool))
module("geventhttpclient", HTTPClient=GeventClient, url=module("geventhttpclient.url", URL=Url))
for package in ("", ".protocol", ".protocol.rest", ".utils"):
    module(f"kserve{package}", __path__=[f"{KSERVE}/kserve{package.replace('.', '/')}"])
for name in ("protocol.grpc", "protocol.grpc.grpc_predict_v2_pb2", "logging"):
    sys.modules[f"kserve.{name}"] = Anything(name)

import tritonclient.http as triton  # noqa: E402
from kserve.protocol.infer_type import InferInput, InferRequest, InferResponse, RequestedOutput  # noqa: E402
import orjson  # noqa: E402

VALUES = {
    "BOOL": np.array([[True, False]]),
    "UINT8": np.array([[0, 255]], np.uint8),
    "UINT16": np.array([[0, 65535]], np.uint16),
    "UINT32": np.array([[0, 2**32 - 1]], np.uint32),
    "UINT64": np.array([[2**64 - 1, 0]], np.uint64),
    "INT8": np.array([[-128, 127]], np.int8),
    "INT16": np.array([[-32768, 32767]], np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1]], np.int32),
    "INT64": np.array([[-(2**63), 9007199254740993]], np.int64),
    "FP16": np.array([[0.1, 65504]], np.float16),
    "FP32": np.array([[0.1, -3.4028235e38]], np.float32),
    "FP64": np.array([[0.1, -5e-324]], np.float64),
    "BYTES": np.array([["é".encode(), b""]], object),
}
NOT_FINITE = {"FP32": np.array([[np.nan, -np.inf]], np.float32), "FP64": np.array([[np.inf, -0.0]], np.float64)}


def same(sent, read):
    if sent.dtype.kind == "O":
        read = [[cell if isinstance(cell, bytes) else cell.encode() for cell in row] for row in read.tolist()]
        return read == sent.tolist()
    return sent.dtype == read.dtype and sent.shape == read.shape and np.array_equal(sent, read, equal_nan=sent.dtype.kind == "f")


def by_triton(client, datatype, values, binary_in, binary_out):
    tensor = triton.InferInput("x", values.shape, datatype)
    tensor.set_data_from_numpy(values, binary_data=binary_in)
    outputs = None if binary_out is None else [triton.InferRequestedOutput("x_out", binary_data=binary_out)]
    answer = client.infer(f"only-{datatype.lower()}", [tensor], outputs=outputs, request_id="request-1")
    assert answer.get_response()["id"] == "request-1"
    return answer.as_numpy("x_out")


def by_kserve(datatype, values, binary_in, binary_out):
    tensor = InferInput("x", list(values.shape), datatype)
    tensor.set_data_from_numpy(values, binary_data=binary_in)
    outputs = None if binary_out is None else [RequestedOutput("x_out", parameters={"binary_data": binary_out})]
    request = InferRequest(f"only-{datatype.lower()}", [tensor], request_id="request-1", request_outputs=outputs)
    body, json_length = request.to_rest()
    headers = {"content-type": "application/octet-stream", HEADER_LENGTH: json_length}
    if json_length is None:
        body, headers = orjson.dumps(body), {"content-type": "application/json"}
    status, answered, content = send("kserve", "POST", f"/v2/models/{request.model_name}/infer", body, headers)
    assert status == 200, content
    answer = InferResponse.from_bytes(content, int(answered.get(HEADER_LENGTH, len(content))))
    assert answer.id == "request-1"
    return answer.outputs[0].as_numpy()


client = triton.InferenceServerClient(f"127.0.0.1:{PORT}")
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("toy", "3")
assert not client.is_model_ready("nope")
assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
assert client.get_model_metadata("image")["inputs"][0]["shape"] == [-1, 3, 2, -1]
for datatype, values in [*VALUES.items(), *NOT_FINITE.items()]:
    finite = values is VALUES[datatype]
    for binary_in in (True, False):
        if not binary_in and (datatype == "FP16" or not finite):
            continue  # no JSON for it, by either client
        for binary_out in (True, False, None):
            sent = (datatype, values, binary_in, binary_out)
            assert same(values, by_triton(client, *sent)), ("triton", *sent)
            if finite:
                assert same(values, by_kserve(*sent)), ("kserve", *sent)
for model, shape in (("nope", (1, 2)), ("only-fp32", (2, 3))):
    tensor = triton.InferInput("x", shape, "FP32")
    tensor.set_data_from_numpy(np.zeros(shape, np.float32))
    try:
        client.infer(model, [tensor])
    except triton.InferenceServerException as refusal:
        assert refusal.status() in ("404", "400") and "decoding" not in refusal.message(), refusal
    else:
        raise AssertionError(model)
json.dump({"exchanges": log}, sys.stdout, indent=0)
print()
