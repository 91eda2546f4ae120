"""Writes small ONNX models with Python's onnx, sound ones and broken ones, as base64, and what onnx reads in the sound.

Run with onnx and numpy installed: python make-models.py > models.json
The sound ones pass onnx.checker.check_model; the versions that wrote them stand in the file.
"""

import base64
import json

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT = TensorProto.FLOAT
COLUMN = ["rows", 1]
OPSETS = [helper.make_opsetid("", 17)]


def value(name, kind=FLOAT, shape=COLUMN):
    return helper.make_tensor_value_info(name, kind, shape)


def constant(name, numbers):
    return numpy_helper.from_array(numpy.array(numbers, dtype=numpy.float32), name)


def model(nodes, inputs=(value("x"),), outputs=(value("y"),), initializers=(), opsets=OPSETS):
    graph = helper.make_graph(list(nodes), "g", list(inputs), list(outputs), list(initializers))
    return helper.make_model(graph, ir_version=8, opset_imports=list(opsets), producer_name="reference")


def linear():
    """y = 2 x1 + 3 x2 + 1."""
    return model(
        [
            helper.make_node("Concat", ["x1", "x2"], ["x"], axis=1),
            helper.make_node("Gemm", ["x", "w", "c"], ["y"]),
        ],
        inputs=[value("x1"), value("x2")],
        initializers=[constant("w", [[2], [3]]), constant("c", [1])],
    )


def branch(name, source):
    return helper.make_graph([helper.make_node("Identity", [source], [name])], name, [], [value(name)])


def branches(source="x"):
    return model(
        [
            helper.make_node("ReduceMax", ["x"], ["most"], keepdims=0),
            helper.make_node("Greater", ["most", "zero"], ["positive"]),
            helper.make_node(
                "If", ["positive"], ["y"], then_branch=branch("then", source), else_branch=branch("else", "x")
            ),
        ],
        initializers=[numpy_helper.from_array(numpy.float32(0), "zero")],
    )


def external():
    tensor = TensorProto(name="w", data_type=FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="weights.bin")
    return model([helper.make_node("Add", ["x", "w"], ["y"])], initializers=[tensor])


def untyped():
    made = model([helper.make_node("Identity", ["x"], ["y"])])
    made.graph.input[0].ClearField("type")
    return made


def not_a_number():
    """The logarithm of what is below zero."""
    return model(
        [
            helper.make_node("Concat", ["x1", "x2"], ["x"], axis=1),
            helper.make_node("ReduceSum", ["x", "axes"], ["sum"]),
            helper.make_node("Log", ["sum"], ["y"]),
        ],
        inputs=[value("x1"), value("x2")],
        initializers=[numpy_helper.from_array(numpy.array([1], dtype=numpy.int64), "axes")],
    )


SOUND = {"linear": linear(), "branches": branches()}
BROKEN = {
    "not-a-number": not_a_number(),
    "dangling": model([helper.make_node("Add", ["x", "nowhere"], ["y"])]),
    "cycle": model(
        [
            helper.make_node("Add", ["x", "b"], ["a"]),
            helper.make_node("Identity", ["a"], ["b"]),
            helper.make_node("Identity", ["x"], ["y"]),
        ]
    ),
    "duplicate": model([helper.make_node("Identity", ["x"], ["y"]), helper.make_node("Neg", ["x"], ["y"])]),
    "external": external(),
    "untyped": untyped(),
    "custom-domain": model(
        [helper.make_node("Magic", ["x"], ["y"], domain="com.example")],
        opsets=[*OPSETS, helper.make_opsetid("com.example", 1)],
    ),
    "dangling-in-branch": branches("nowhere"),
    "no-opset": model([helper.make_node("Identity", ["x"], ["y"])], opsets=[helper.make_opsetid("ai.onnx.ml", 3)]),
}


def graphs(graph):
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)


def shape(info):
    return [d.dim_param or d.dim_value for d in info.type.tensor_type.shape.dim]


def type_of(info):
    return TensorProto.DataType.Name(info.type.tensor_type.elem_type)


def says(made):
    onnx.checker.check_model(made)
    every = list(graphs(made.graph))
    return {
        "irVersion": made.ir_version,
        "opset": made.opset_import[0].version,
        "inputs": [[i.name, type_of(i), shape(i)] for i in made.graph.input],
        "outputs": [[o.name, type_of(o)] for o in made.graph.output],
        "nodeCount": sum(len(g.node) for g in every),
        "initializerCount": sum(len(g.initializer) for g in every),
        "operators": sorted({n.op_type for g in every for n in g.node}),
    }


def entry(made, **more):
    return {"base64": base64.b64encode(made.SerializeToString()).decode(), **more}


print(
    json.dumps(
        {
            "versions": {"onnx": onnx.__version__, "numpy": numpy.__version__},
            "models": {
                **{name: entry(made, says=says(made)) for name, made in SOUND.items()},
                **{name: entry(made) for name, made in BROKEN.items()},
            },
        },
        indent=2,
    )
)
