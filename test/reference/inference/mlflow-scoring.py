"""Asks MLflow's own scoring server, over HTTP, and keeps what it answers: mlflow-scoring.json.

Versions: Python 3.11.7, mlflow 3.6.1.dev0, onnx 1.23.1, onnxruntime 1.30.0, fastapi 0.142.2, uvicorn 0.54.0.
Run: python mlflow-scoring.py > mlflow-scoring.json
"""

import json
import logging
import shutil
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

import fastapi
import mlflow
import numpy as np
import starlette.routing
import uvicorn
from mlflow.models import ModelSignature
from mlflow.pyfunc.scoring_server import init
from mlflow.types import ColSpec, Schema, TensorSpec
from onnx import TensorProto, helper

logging.disable(logging.CRITICAL)


def route(self, path, methods=None):
    """FastAPI no longer has what this MLflow calls."""

    def register(endpoint):
        self.router.routes.append(starlette.routing.Route(path, endpoint, methods=methods))
        return endpoint

    return register


fastapi.FastAPI.route = route


def save(inputs, nodes, outputs, signature):
    infos = [[helper.make_tensor_value_info(*each) for each in side] for side in (inputs, outputs)]
    graph = helper.make_graph(nodes, "graph", *infos)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    folder = tempfile.mkdtemp()
    shutil.rmtree(folder)
    mlflow.onnx.save_model(model, folder, signature=signature, pip_requirements=["onnxruntime"])
    return folder


FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
COLUMNS = Schema([ColSpec("float", "a"), ColSpec("float", "b")])
MODELS = {
    # Two features by name, and their sum.
    "columns": save(
        [("a", FLOAT, [None]), ("b", FLOAT, [None])],
        [helper.make_node("Add", ["a", "b"], ["sum"])],
        [("sum", FLOAT, [None])],
        ModelSignature(COLUMNS, Schema([ColSpec("float", "sum")])),
    ),
    # A matrix, negative elements as zero.
    "matrix": save(
        [("x", FLOAT, [None, 2])],
        [helper.make_node("Relu", ["x"], ["y"])],
        [("y", FLOAT, [None, 2])],
        ModelSignature(Schema([TensorSpec(np.dtype("float32"), (-1, 2), "x")])),
    ),
    # A matrix as it is.
    "integers": save(
        [("x", INT64, [None, 2])],
        [helper.make_node("Identity", ["x"], ["y"])],
        [("y", INT64, [None, 2])],
        ModelSignature(Schema([TensorSpec(np.dtype("int64"), (-1, 2), "x")])),
    ),
}

JSON, CSV = "application/json", "text/csv"
ASKED = {
    "columns": [
        (JSON, {"dataframe_split": {"columns": ["b", "a"], "data": [[2, 1], [4, 3]]}}),
        (JSON, {"dataframe_split": {"columns": ["b", "a", "c"], "data": [[2, 1, "x"]], "index": [0]}}),
        (JSON, {"dataframe_records": [{"a": 1, "b": 2, "z": 9}, {"b": 2.5, "a": 1}]}),
        (JSON, {"dataframe_records": [{"a": 1}]}),
        (JSON, {"dataframe_records": []}),
        (JSON, {"dataframe_records": [{"a": 1, "b": 2}], "params": {}}),
        (JSON, {"dataframe_records": [{"a": 1, "b": 2}], "params": {"k": 1}}),
        (JSON, {"dataframe_split": {"columns": ["a", "b"], "data": [["x", 1]]}}),
        (JSON, {"instances": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}),
        (JSON, {"instances": [[1, 2], [3, 4]]}),
        (JSON, {"inputs": {"a": [1, 2], "b": [3, 4]}}),
        (JSON, {"inputs": [[1, 2]]}),
        (JSON, {"inputs": {"a": [1]}, "instances": []}),
        (JSON, {"prompt": "hi"}),
        (JSON, [1]),
        (JSON, '{"x"'),
        (JSON + "; charset=utf-8", {"inputs": {"a": [1], "b": [1]}}),
        (JSON + "; charset=utf-16", {"inputs": {"a": [1], "b": [1]}}),
        (CSV, "a,b\n1,2\n3,4\n"),
        (CSV, 'b,"a",c\r\n1,2,"x,y"\r\n'),
        (CSV, "a\n1\n"),
        ("text/plain", "x"),
        ("", {"inputs": {"a": [1], "b": [1]}}),
    ],
    "matrix": [
        (JSON, {"inputs": [[1, -2], [3, 4]]}),
        (JSON, {"instances": [[1, -2]]}),
        (JSON, {"inputs": {"x": [[1, -2]]}}),
        (JSON, {"instances": [{"x": [1, -2]}, {"x": [0, 1]}]}),
        (JSON, {"dataframe_split": {"columns": ["x"], "data": [[[1, -2]]]}}),
        (JSON, {"dataframe_split": {"columns": ["p", "q"], "data": [[1, -2]]}}),
        (JSON, {"inputs": [[1, 2, 3]]}),
        (JSON, {"inputs": [["a", 1]]}),
    ],
    "integers": [
        (JSON, '{"inputs":[[9223372036854775807,-9007199254740993]]}'),
        (JSON, {"inputs": {"x": [[1, 2]]}}),
        (JSON, {"inputs": [[1.5, 2]]}),
    ],
}


def serve(folder, port):
    server = uvicorn.Server(
        uvicorn.Config(init(mlflow.pyfunc.load_model(folder)), port=port, log_level="critical")
    )
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)


def ask(port, content_type, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations", data=body.encode(), headers={"content-type": content_type}
    )
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    text = answer.read().decode()
    kept = {"contentType": content_type, "body": body, "status": answer.status}
    return {**kept, "answer": text} if answer.status == 200 else kept


exchanges = []
for port, (name, folder) in enumerate(MODELS.items(), 18191):
    serve(folder, port)
    for content_type, body in ASKED[name]:
        text = body if isinstance(body, str) else json.dumps(body)
        exchanges.append({"model": name, **ask(port, content_type, text)})
json.dump({"mlflow": mlflow.__version__, "exchanges": exchanges}, sys.stdout, indent=1)
print()
