"""Writes shap.json: contributions by the `shap` package to hand-made trees, which the test writes to ONNX.

Run: pip install shap==0.51.0 lightgbm==4.7.0 numpy==2.4.6 && python shap_reference.py

`lightgbm` trains the trees; `handmade` are drawn, with missing values going either way. Thresholds, leaves and rows are
rounded to float32 first, so that shap and the ONNX graph see the same numbers. shap compares `value <= threshold`, as
LightGBM and BRANCH_LEQ do.
"""
import json
import pathlib

import lightgbm
import numpy
import shap

f32 = numpy.float32
FEATURES = 6
rng = numpy.random.default_rng(20260101)


def rows_of(count, missing):
    rows = rng.normal(size=(count, FEATURES)).astype(f32).astype(float)
    rows[:, 2] = rng.integers(0, 4, count)
    if missing:
        rows[rng.random(rows.shape) < 0.08] = numpy.nan
    return rows


def lightgbm_trees():
    x = rows_of(3000, True)
    filled = numpy.nan_to_num(x)
    y = (filled[:, 0] * filled[:, 1] + numpy.sin(filled[:, 3]) + 0.4 * (filled[:, 2] == 2) + 0.3 * rng.normal(size=3000) > 0).astype(int)
    settings = dict(objective="binary", num_leaves=15, learning_rate=0.2, verbose=-1, num_threads=1, deterministic=True, min_data_in_leaf=10)
    booster = lightgbm.train(settings, lightgbm.Dataset(x, y), 25)
    trees = []
    for each in booster.dump_model()["tree_info"]:
        nodes = []

        def add(node):
            at = len(nodes)
            nodes.append(None)
            if "leaf_value" in node:
                nodes[at] = dict(feature=-1, threshold=0.0, missingLeft=False, left=-1, right=-1, value=float(f32(node["leaf_value"])), cover=node["leaf_count"])
                return at
            assert node["decision_type"] == "<="
            # LightGBM keeps the threshold between two float32 values; rounding it down keeps the order. A split of
            # missing values from all others has 1e300.
            threshold = f32(min(node["threshold"], float(numpy.finfo(f32).max)))
            if float(threshold) > node["threshold"]:
                threshold = numpy.nextafter(threshold, f32(-numpy.inf))
            left, right = add(node["left_child"]), add(node["right_child"])
            nodes[at] = dict(feature=node["split_feature"], threshold=float(threshold), missingLeft=bool(node["default_left"]), left=left, right=right, value=0.0, cover=node["internal_count"])
            return at

        add(each["tree_structure"])
        trees.append(nodes)
    return trees


def drawn_trees():
    trees = []
    for _ in range(8):
        nodes = []

        def add(depth, cover):
            at = len(nodes)
            nodes.append(None)
            if depth == 0 or cover < 4 or rng.random() < 0.12:
                nodes[at] = dict(feature=-1, threshold=0.0, missingLeft=False, left=-1, right=-1, value=float(f32(rng.normal())), cover=cover)
                return at
            share = rng.uniform(0.1, 0.9)
            first = min(cover - 1, max(1, int(cover * share)))
            left, right = add(depth - 1, first), add(depth - 1, cover - first)
            nodes[at] = dict(feature=int(rng.integers(0, FEATURES)), threshold=float(f32(rng.normal())), missingLeft=bool(rng.random() < 0.5), left=left, right=right, value=0.0, cover=cover)
            return at

        add(7, 1000)
        trees.append(nodes)
    return trees


def shap_tree(nodes):
    column = lambda name: numpy.array([node[name] for node in nodes])
    return {
        "children_left": column("left").astype(numpy.int32),
        "children_right": column("right").astype(numpy.int32),
        "children_default": numpy.array([(n["left"] if n["missingLeft"] else n["right"]) for n in nodes], dtype=numpy.int32),
        "features": column("feature").astype(numpy.int32),
        "thresholds": column("threshold").astype(float),
        "values": column("value").astype(float).reshape(-1, 1),
        "node_sample_weight": column("cover").astype(float),
    }


def case(name, trees, base, missing):
    background = rows_of(20, missing)
    rows = rows_of(12, missing)
    model = {"trees": [shap_tree(nodes) for nodes in trees], "base_offset": base, "tree_output": "raw_value", "input_dtype": float}
    path = shap.TreeExplainer(model, feature_perturbation="tree_path_dependent")
    inter = shap.TreeExplainer(model, background, feature_perturbation="interventional")
    listed = lambda table: [[None if numpy.isnan(v) else float(v) for v in row] for row in table]
    return dict(
        name=name, base=base, trees=trees, background=listed(background), rows=listed(rows),
        pathDependent=dict(expected=float(numpy.ravel(path.expected_value)[0]), values=numpy.asarray(path.shap_values(rows)).reshape(len(rows), -1).tolist()),
        interventional=dict(expected=float(numpy.ravel(inter.expected_value)[0]), values=numpy.asarray(inter.shap_values(rows)).reshape(len(rows), -1).tolist()),
    )


result = dict(
    versions={m.__name__: m.__version__ for m in (shap, lightgbm, numpy)},
    cases=[
        case("lightgbm", lightgbm_trees(), float(f32(-0.3)), True),
        case("handmade", drawn_trees(), float(f32(0.25)), True),
    ],
)
pathlib.Path(__file__).with_name("shap.json").write_text(json.dumps(result) + "\n")
