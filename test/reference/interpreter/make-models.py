"""Writes ONNX models made outside this project with what they answer, for the interpreter to be held against.

Run with the packages that `versions` in the output names: python make-models.py | gzip -9n > models.json.gz
- scikit-learn pipelines as skl2onnx lays them out (Imputer, Scaler, OneHotEncoder, LinearClassifier, ZipMap, …), whose
  answers are scikit-learn's own;
- LightGBM ensembles as onnxmltools lays them out, whose answers are LightGBM's own;
- a small network that torch.onnx exports, whose answers are PyTorch's own;
- ONNX's own node tests (onnx.backend.test) of the operators that are interpreted, whose answers are ONNX's.
"""

import base64
import contextlib
import io
import json
import sys
import tempfile
import warnings

import lightgbm
import numpy
import onnx
import sklearn
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.loader import load_model_tests
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ML = "ai.onnx.ml"
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid(ML, 3)]
FLOAT, STRING, INT64 = TensorProto.FLOAT, TensorProto.STRING, TensorProto.INT64
LARGEST_NODE_TEST = 6_000
DATATYPES = {
    FLOAT: "FP32", TensorProto.DOUBLE: "FP64", INT64: "INT64", TensorProto.INT32: "INT32", STRING: "BYTES",
    TensorProto.BOOL: "BOOL", TensorProto.UINT8: "UINT8", TensorProto.INT8: "INT8", TensorProto.UINT16: "UINT16",
    TensorProto.INT16: "INT16", TensorProto.UINT32: "UINT32", TensorProto.UINT64: "UINT64",
}
random = numpy.random.default_rng(7)


def ml(name, inputs, outputs, **attributes):
    return helper.make_node(name, inputs, outputs, name=f"{name}_{outputs[0]}", domain=ML, **attributes)


def node(name, inputs, outputs, **attributes):
    return helper.make_node(name, inputs, outputs, name=f"{name}_{outputs[0]}", **attributes)


def constant(name, values, kind=numpy.float32):
    return numpy_helper.from_array(numpy.array(values, dtype=kind), name)


def value(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, initializers=()):
    graph = helper.make_graph(list(nodes), "pipeline", list(inputs), list(outputs), list(initializers))
    made = helper.make_model(graph, opset_imports=OPSETS, ir_version=8, producer_name="skl2onnx-like")
    onnx.checker.check_model(made)
    return made


def maps(name):
    key = helper.make_tensor_type_proto(FLOAT, None)
    return helper.make_value_info(name, helper.make_sequence_type_proto(helper.make_map_type_proto(STRING, key)))


def cell(item):
    if isinstance(item, bytes):
        return item.decode()
    if isinstance(item, (float, numpy.floating)) and not numpy.isfinite(item):
        return "nan" if numpy.isnan(item) else ("inf" if item > 0 else "-inf")
    return str(item) if isinstance(item, (int, numpy.integer)) and not isinstance(item, (bool, numpy.bool_)) else item


def tensor(name, array):
    array = numpy_helper.to_array(array) if isinstance(array, onnx.TensorProto) else numpy.asarray(array)
    kind = STRING if array.dtype.kind in "OSU" else helper.np_dtype_to_tensor_dtype(array.dtype)
    data = [cell(item) for item in array.reshape(-1).tolist()]
    return {"name": name, "datatype": DATATYPES[kind], "shape": list(array.shape), "data": data}


def case(made, inputs, outputs):
    content = base64.b64encode(made.SerializeToString()).decode()
    return {"base64": content, "inputs": [tensor(*each) for each in inputs], "outputs": [tensor(*each) for each in outputs]}


def tree_columns(trees, prefix):
    """Attributes of TreeEnsemble*, from trees as lists of (mode, feature, threshold, true, false, missing, weights)."""
    columns = {key: [] for key in ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
                                   "missing_value_tracks_true", "hitrates")}
    votes = {key: [] for key in ("treeids", "nodeids", "ids", "weights")}
    for tree_id, tree in enumerate(trees):
        for node_id, (mode, feature, threshold, yes, no, missing, weights) in enumerate(tree):
            row = (tree_id, node_id, feature, mode, float(threshold), yes, no, missing, 1.0)
            for key, item in zip(columns, row):
                columns[key].append(item)
            for target, weight in weights:
                for key, item in zip(votes, (tree_id, node_id, target, float(weight))):
                    votes[key].append(item)
    named = {f"nodes_{key}": items for key, items in columns.items()}
    return {**named, **{f"{prefix}_{key}": items for key, items in votes.items()}}


def float_below(threshold):
    """The largest float32 that is no larger: float32 rows then go the way they go in float64."""
    rounded = numpy.float32(threshold)
    return rounded if rounded <= threshold else numpy.nextafter(rounded, numpy.float32(-numpy.inf))


def sklearn_tree(tree, weights_of):
    return [
        ("LEAF", 0, 0, 0, 0, 0, weights_of(tree.value[i][0]))
        if tree.children_left[i] < 0
        else ("BRANCH_LEQ", int(tree.feature[i]), float_below(tree.threshold[i]), int(tree.children_left[i]),
              int(tree.children_right[i]), 0, [])
        for i in range(tree.node_count)
    ]


def sklearn_cases():
    rows = 200
    numbers = random.normal(size=(rows, 3)).astype(numpy.float32)
    towns = random.choice(["north", "süd", "", "東"], size=(rows, 1)).astype(object)
    label = numpy.where(numbers[:, 0] + (towns[:, 0] == "süd") + 0.3 * random.normal(size=rows) > 0.2, "late", "on time")
    holes = numbers.copy()
    holes[random.uniform(size=holes.shape) < 0.1] = numpy.nan
    columns = ColumnTransformer([
        ("numbers", make_pipeline(SimpleImputer(strategy="mean"), StandardScaler()), [0, 1, 2]),
        ("town", OneHotEncoder(handle_unknown="ignore"), [3]),
    ])
    table = numpy.concatenate([holes.astype(object), towns], axis=1)
    pipeline = make_pipeline(columns, LogisticRegression()).fit(table, label)
    numeric, encoder = columns.named_transformers_["numbers"], columns.named_transformers_["town"]
    imputer, scaler = numeric[0], numeric[1]
    linear = pipeline[-1]
    coefficients = numpy.concatenate([-linear.coef_, linear.coef_]).astype(numpy.float32)
    intercepts = numpy.concatenate([-linear.intercept_, linear.intercept_]).astype(numpy.float32)
    made = model(
        [
            ml("Imputer", ["numbers"], ["imputed"], imputed_value_floats=imputer.statistics_.astype(numpy.float32).tolist(),
               replaced_value_float=float("nan")),
            ml("Scaler", ["imputed"], ["scaled"], offset=scaler.mean_.astype(numpy.float32).tolist(),
               scale=(1 / scaler.scale_).astype(numpy.float32).tolist()),
            ml("OneHotEncoder", ["town"], ["town_hot"], cats_strings=encoder.categories_[0].tolist(), zeros=1),
            node("Reshape", ["town_hot", "flat"], ["town_flat"]),
            node("Concat", ["scaled", "town_flat"], ["features"], axis=-1),
            ml("LinearClassifier", ["features"], ["label_tensor", "raw"], classlabels_strings=linear.classes_.tolist(),
               coefficients=coefficients.reshape(-1).tolist(), intercepts=intercepts.tolist(), multi_class=1,
               post_transform="LOGISTIC"),
            ml("Normalizer", ["raw"], ["probabilities"], norm="L1"),
            node("Identity", ["label_tensor"], ["output_label"]),
            ml("ZipMap", ["probabilities"], ["output_probability"], classlabels_strings=linear.classes_.tolist()),
        ],
        [value("numbers", FLOAT, [None, 3]), value("town", STRING, [None, 1])],
        [value("output_label", STRING, [None]), maps("output_probability")],
        [constant("flat", [-1, len(encoder.categories_[0])], numpy.int64)],
    )
    asked = slice(0, 12)
    seen = table[asked]
    yield "sklearn-logistic-pipeline", case(
        made,
        [("numbers", holes[asked]), ("town", towns[asked])],
        [("output_label", pipeline.predict(seen)), ("output_probability", pipeline.predict_proba(seen).astype(numpy.float32))],
    )

    kind = numpy.digitize(numbers[:, 0] + numbers[:, 1], [-0.7, 0.7]) * 10
    forest = RandomForestClassifier(n_estimators=12, max_depth=5, random_state=1).fit(numbers, kind)
    share = 1 / len(forest.estimators_)
    trees = [sklearn_tree(each.tree_, lambda votes: [(i, vote * share) for i, vote in enumerate(votes)]) for each in forest.estimators_]
    made = model(
        [
            ml("TreeEnsembleClassifier", ["X"], ["label", "probabilities"], classlabels_int64s=forest.classes_.tolist(),
               post_transform="NONE", **tree_columns(trees, "class")),
            node("Cast", ["label"], ["output_label"], to=INT64),
            ml("ZipMap", ["probabilities"], ["output_probability"], classlabels_int64s=forest.classes_.tolist()),
        ],
        [value("X", FLOAT, [None, 3])],
        [value("output_label", INT64, [None]), maps("output_probability")],
    )
    yield "sklearn-random-forest", case(
        made,
        [("X", numbers[asked])],
        [("output_label", forest.predict(numbers[asked])),
         ("output_probability", forest.predict_proba(numbers[asked]).astype(numpy.float32))],
    )

    amount = (numbers[:, 0] * 3 + numpy.sin(numbers[:, 1])).astype(numpy.float32)
    boosted = GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=1).fit(numbers, amount)
    rate = boosted.learning_rate
    trees = [sklearn_tree(each.tree_, lambda votes: [(0, votes[0] * rate)]) for each in boosted.estimators_[:, 0]]
    made = model(
        [ml("TreeEnsembleRegressor", ["X"], ["variable"], n_targets=1, base_values=[float(boosted.init_.constant_[0][0])],
            post_transform="NONE", **tree_columns(trees, "target"))],
        [value("X", FLOAT, [None, 3])],
        [value("variable", FLOAT, [None, 1])],
    )
    yield "sklearn-gradient-boosting", case(
        made, [("X", numbers[asked])], [("variable", boosted.predict(numbers[asked]).astype(numpy.float32).reshape(-1, 1))]
    )


def lightgbm_tree(root):
    """Preorder, as onnxmltools numbers nodes; NaN goes where LightGBM's default goes."""
    flat = []

    def add(item):
        place = len(flat)
        flat.append(None)
        if "leaf_value" in item:
            flat[place] = ("LEAF", 0, 0, 0, 0, 0, [(0, item["leaf_value"])])
            return place
        yes = add(item["left_child"])
        no = add(item["right_child"])
        missing = int(item["default_left"]) if item["missing_type"] == "NaN" else int(0 <= item["threshold"])
        flat[place] = ("BRANCH_LEQ", item["split_feature"], float_below(item["threshold"]), yes, no, missing, [])
        return place

    add(root)
    return flat


def lightgbm_cases():
    rows = 400
    features = random.normal(size=(rows, 5)).astype(numpy.float32)
    features[random.uniform(size=features.shape) < 0.1] = numpy.nan
    known = numpy.nan_to_num(features)
    label = (known[:, 0] * known[:, 1] + known[:, 2] > 0.1).astype(int)
    booster = lightgbm.train(
        {"objective": "binary", "num_leaves": 15, "verbose": -1, "seed": 1, "deterministic": True, "num_threads": 1},
        lightgbm.Dataset(features, label), num_boost_round=25,
    )
    trees = [lightgbm_tree(each["tree_structure"]) for each in booster.dump_model()["tree_info"]]
    made = model(
        [
            ml("TreeEnsembleClassifier", ["input"], ["label", "probabilities"], classlabels_int64s=[0, 1],
               post_transform="LOGISTIC", **tree_columns(trees, "class")),
            ml("ZipMap", ["probabilities"], ["zipped"], classlabels_int64s=[0, 1]),
        ],
        [value("input", FLOAT, [None, 5])],
        [value("label", INT64, [None]), value("probabilities", FLOAT, [None, 2]), maps("zipped")],
    )
    asked = features[:12]
    likely = booster.predict(asked)
    both = numpy.stack([1 - likely, likely], axis=1).astype(numpy.float32)
    yield "lightgbm-binary", case(
        made, [("input", asked)], [("label", (likely > 0.5).astype(numpy.int64)), ("probabilities", both), ("zipped", both)]
    )


def torch_cases():
    torch.manual_seed(3)
    network = torch.nn.Sequential(
        torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.LayerNorm(16), torch.nn.Linear(16, 8), torch.nn.GELU(),
        torch.nn.Linear(8, 3), torch.nn.Softmax(dim=1),
    ).eval()
    rows = torch.randn(5, 6)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        torch.onnx.export(network, (rows,), f"{folder}/network.onnx", input_names=["x"], output_names=["y"],
                          dynamic_shapes=({0: torch.export.Dim("rows")},), external_data=False)
        made = onnx.load(f"{folder}/network.onnx")
    with torch.no_grad():
        yield "torch-network", case(made, [("x", rows.numpy())], [("y", network(rows).numpy())])


OPERATORS = """Add Sub Mul Div Pow Min Max Equal Less LessOrEqual Greater GreaterOrEqual And Or Xor Not Where Neg Abs Sign
Exp Log Sqrt Reciprocal Floor Ceil Round Sigmoid Tanh Relu LeakyRelu Elu Selu Softplus Softsign HardSigmoid Gelu Erf IsNaN
IsInf Clip Cast CastLike Concat Transpose Gather Slice Split Tile Reshape Flatten Squeeze Unsqueeze Shape Size Identity
Dropout Expand ConstantOfShape Constant Softmax LogSoftmax Hardmax ArgMax ArgMin TopK CumSum ReduceSum ReduceMean ReduceMax
ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp Gemm MatMul BatchNormalization
LayerNormalization ArrayFeatureExtractor Binarizer LabelEncoder""".split()


def node_cases():
    for test in load_model_tests(kind="node"):
        nodes = test.model.graph.node
        if len(nodes) != 1 or nodes[0].op_type not in OPERATORS or nodes[0].domain not in ("", ML):
            continue
        inputs, outputs = test.data_sets[0]
        names = [[item.name for item in items] for items in (test.model.graph.input, test.model.graph.output)]
        try:
            made = case(test.model, zip(names[0], inputs), zip(names[1], outputs))
        except (KeyError, ValueError, TypeError):
            continue  # of an element type that is not interpreted
        if len(json.dumps(made)) <= LARGEST_NODE_TEST:
            yield f"node/{test.name.removeprefix('test_')}", made


def main():
    warnings.filterwarnings("ignore")
    packages = {"python": sys.version.split()[0], "onnx": onnx.__version__, "scikit-learn": sklearn.__version__,
                "lightgbm": lightgbm.__version__, "torch": torch.__version__, "numpy": numpy.__version__}
    cases = {**dict(sklearn_cases()), **dict(lightgbm_cases()), **dict(torch_cases()), **dict(node_cases())}
    json.dump({"versions": packages, "cases": cases}, sys.stdout, separators=(",", ":"))


main()
