"""Makes every kind of call that MLflow's Python client has, and asserts what comes back.

Run by record-traffic.py, which stands between client and server. Needs: MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN,
OTHER_URI (the same server, another workspace), CLIENT_FOLDER (empty), FAULT_URI (where a fault is ordered), HOOK_URL (a receiver of webhooks);
S3_ROOT (`s3://bucket/prefix`) with the client's own AWS settings for the part that uploads by itself.
"""

import hashlib
import json
import math
import os
import sys
import time
import traceback

import pandas as pd
import requests

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, Metric, Param, RunTag
from mlflow.entities import LifecycleStage, SpanEvent, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

URL = os.environ["MLFLOW_TRACKING_URI"]
TOKEN = os.environ["MLFLOW_TRACKING_TOKEN"]
FOLDER = os.environ["CLIENT_FOLDER"]
client = MlflowClient()


def refused(code, call, *given, **named):
    """Calls, and expects an error of this code. Returns its message."""
    try:
        call(*given, **named)
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}, wanted {code}: {error}"
        return str(error)
    raise AssertionError(f"{call} was not refused")


def raw(method, route, data=None, headers=None, **query):
    """A call that the client itself does not make, or not like this."""
    return requests.request(
        method,
        URL + route,
        params=query,
        data=data,
        headers={"Authorization": f"Bearer {TOKEN}", **(headers or {})},
        allow_redirects=False,
    )


def experiments():
    assert client.get_experiment("0").name == "Default"
    a = client.create_experiment("first", tags={"team": "fraud", "üñí": "å漢🦜"})
    b = client.create_experiment("second")
    assert client.get_experiment(a).tags == {"team": "fraud", "üñí": "å漢🦜"}
    assert client.get_experiment_by_name("first").experiment_id == a
    assert client.get_experiment_by_name("none") is None
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, "first")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_experiment, "123456789")
    client.set_experiment_tag(a, "stage", "one")
    client.set_experiment_tag(a, "stage", "two")
    assert client.get_experiment(a).tags["stage"] == "two"
    client.delete_experiment_tag(a, "stage")
    assert "stage" not in client.get_experiment(a).tags
    client.rename_experiment(b, "renamed")
    refused("RESOURCE_ALREADY_EXISTS", client.rename_experiment, b, "first")
    names = lambda **k: [e.name for e in client.search_experiments(**k)]
    assert names() == ["renamed", "first", "Default"]
    assert names(order_by=["name ASC"]) == ["Default", "first", "renamed"]
    assert names(order_by=["creation_time ASC"], max_results=2) == ["Default", "first"]
    assert names(filter_string="name = 'first'") == ["first"]
    assert names(filter_string="name != 'first' AND name ILIKE 'RE%'") == ["renamed"]
    assert names(filter_string="name LIKE '%a%'") == ["renamed", "Default"]
    assert names(filter_string="tags.team = 'fraud' AND creation_time > 0") == ["first"]
    assert names(filter_string="tag.team != 'other'") == ["first"]
    refused("INVALID_PARAMETER_VALUE", names, filter_string="name = 'a' OR name = 'b'")
    refused("INVALID_PARAMETER_VALUE", names, filter_string="colour = 'a'")
    refused("INVALID_PARAMETER_VALUE", names, max_results=50_001)
    page = client.search_experiments(max_results=1)
    page = client.search_experiments(max_results=1, page_token=page.token)
    assert [e.name for e in page] == ["first"] and page.token
    run = client.create_run(b)
    client.delete_experiment(b)
    assert client.get_experiment(b).lifecycle_stage == LifecycleStage.DELETED
    assert client.get_run(run.info.run_id).info.lifecycle_stage == LifecycleStage.DELETED
    assert names(view_type=ViewType.DELETED_ONLY) == ["renamed"]
    assert len(names(view_type=ViewType.ALL)) == 3
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_experiment, b)
    refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, "renamed")
    refused("INVALID_PARAMETER_VALUE", client.create_run, b)
    client.restore_experiment(b)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == LifecycleStage.ACTIVE
    refused("RESOURCE_DOES_NOT_EXIST", client.restore_experiment, b)


def runs():
    e = client.create_experiment("runs")
    r = client.create_run(e, start_time=1_000, run_name="one", tags={"a": "b"})
    i = r.info.run_id
    assert (r.info.status, r.info.run_name, r.info.start_time) == ("RUNNING", "one", 1_000)
    client.update_run(i, name="two")
    assert client.get_run(i).data.tags["mlflow.runName"] == "two"
    client.set_tag(i, "mlflow.runName", "three")
    assert client.get_run(i).info.run_name == "three"
    client.update_run(i, status="SCHEDULED")
    assert client.get_run(i).info.status == "SCHEDULED"
    client.set_terminated(i, "FAILED", end_time=2_000)
    assert (client.get_run(i).info.status, client.get_run(i).info.end_time) == ("FAILED", 2_000)
    client.set_tag(i, "k", "v")
    client.delete_tag(i, "k")
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_tag, i, "k")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0" * 32)
    client.delete_run(i)
    client.delete_run(i)
    refused("INVALID_PARAMETER_VALUE", client.set_tag, i, "k", "v")
    refused("INVALID_PARAMETER_VALUE", client.log_metric, i, "k", 1)
    assert [x.info.run_id for x in client.search_runs([e], run_view_type=ViewType.DELETED_ONLY)] == [i]
    client.restore_run(i)
    client.restore_run(i)
    assert client.get_run(i).info.lifecycle_stage == LifecycleStage.ACTIVE
    refused("RESOURCE_DOES_NOT_EXIST", client.create_run, "987654321")


def metrics():
    i = client.create_run(client.create_experiment("metrics"), start_time=1).info.run_id
    values = [0.5, float("nan"), float("inf"), -float("inf"), 1e-300, -0.0, 2**53]
    for index, value in enumerate(values):
        client.log_metric(i, "loss", value, timestamp=1_000 + index, step=index - 3)
    client.log_metric(i, "loss", 0.5, timestamp=1_000, step=-3)
    history = client.get_metric_history(i, "loss")
    assert [m.step for m in history] == [-3, -2, -1, 0, 1, 2, 3], history
    assert math.isnan(history[1].value) and history[2].value == 1.7976931348623157e308
    assert history[3].value == -1.7976931348623157e308 and history[6].value == 2**53
    client.log_metric(i, "late", 1, timestamp=5, step=2)
    client.log_metric(i, "late", 2, timestamp=9, step=1)
    client.log_metric(i, "late", float("nan"), timestamp=4, step=2)
    client.log_metric(i, "nan", float("nan"), timestamp=4)
    data = client.get_run(i).data.metrics
    assert data["late"] == 1 and math.isnan(data["nan"]), data
    assert client.get_metric_history(i, "none") == []
    refused("INVALID_PARAMETER_VALUE", client.log_metric, i, "//x", 1)
    refused("INVALID_PARAMETER_VALUE", client.log_metric, i, "x" * 251, 1)
    r = raw("POST", "/api/2.0/mlflow/runs/log-metric", json.dumps({"run_id": i, "key": "x", "value": 1}),
            {"content-type": "application/json"})
    assert (r.status_code, r.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), r.text
    for start in range(0, 2_500, 500):
        client.log_batch(i, metrics=[Metric("long", s / 7, 1_000 + s, s) for s in range(start, start + 500)])
    long = client.get_metric_history(i, "long")
    assert [m.step for m in long] == list(range(2_500)) and long[7].value == 1.0
    first = raw("GET", "/api/2.0/mlflow/metrics/get-history", run_id=i, metric_key="long", max_results=1_000).json()
    second = raw("GET", "/api/2.0/mlflow/metrics/get-history", run_id=i, metric_key="long", max_results=2_000,
                 page_token=first["next_page_token"]).json()
    assert len(first["metrics"]) == 1_000 and len(second["metrics"]) == 1_500
    bulk = raw("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk", run_id=[i], metric_key="loss", max_results=3)
    assert len(bulk.json()["metrics"]) == 3, bulk.text
    sampled = raw("GET", "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval", run_ids=[i], metric_key="long",
                  max_results=10, start_step=0, end_step=2_000)
    assert 10 <= len(sampled.json()["metrics"]) <= 14, len(sampled.json()["metrics"])


def params_and_batches():
    e = client.create_experiment("batches")
    i = client.create_run(e, start_time=1).info.run_id
    client.log_param(i, "rate", 0.1)
    client.log_param(i, "rate", 0.1)
    assert "rate" in refused("INVALID_PARAMETER_VALUE", client.log_param, i, "rate", 0.2)
    client.log_param(i, "empty", "")
    client.log_param(i, "long", "x" * 6_000)
    client.log_param(i, "dir/å.b-c d", "1")
    assert client.get_run(i).data.params["rate"] == "0.1"
    batch = lambda **k: client.log_batch(i, **k)
    batch(metrics=[Metric(f"m{n}", n, 1, 0) for n in range(900)], params=[Param(f"p{n}", str(n)) for n in range(50)],
          tags=[RunTag(f"t{n}", str(n)) for n in range(50)])
    data = client.get_run(i).data
    assert len(data.metrics) == 900 and data.params["p49"] == "49" and data.tags["t7"] == "7"
    body = lambda **k: raw("POST", "/api/2.0/mlflow/runs/log-batch", json.dumps({"run_id": i, **k}),
                           {"content-type": "application/json"})
    one = {"key": "over", "value": 1, "timestamp": 1, "step": 0}
    over = [
        body(metrics=[{**one, "step": n} for n in range(1_001)]),
        body(params=[{"key": f"o{n}", "value": ""} for n in range(101)]),
        body(tags=[{"key": f"o{n}", "value": ""} for n in range(101)]),
        body(metrics=[{**one, "step": n} for n in range(950)], tags=[{"key": f"o{n}", "value": ""} for n in range(51)]),
        body(metrics=[one], params=[{"key": "twice", "value": "1"}, {"key": "twice", "value": "2"}]),
        body(metrics=[one], params=[{"key": "rate", "value": "9"}]),
        body(metrics=[one, {"key": "bad", "value": "word", "timestamp": 1}]),
    ]
    for r in over:
        assert (r.status_code, r.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), r.text
    assert "over" not in client.get_run(i).data.metrics
    refused("INVALID_PARAMETER_VALUE", client.set_tag, i, "../x", "1")
    client.set_tag(i, "empty", "")
    client.set_tag(i, "t7", "eight")
    assert client.get_run(i).data.tags["t7"] == "eight"
    plain = raw("POST", "/api/2.0/mlflow/runs/set-tag", json.dumps({"run_id": i, "key": "typeless", "value": "1"}))
    assert plain.status_code in (200, 400), plain.text
    wrong = raw("POST", "/api/2.0/mlflow/runs/set-tag", "{}", {"content-type": "text/plain"})
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert raw("POST", "/api/2.0/mlflow/runs/set-tag", "{no", {"content-type": "application/json"}).status_code == 400
    assert raw("POST", "/api/2.0/mlflow/no/such", "{}", {"content-type": "application/json"}).status_code == 404


def search():
    e = client.create_experiment("search")
    made = {}
    for n, name in enumerate(["ant", "Bee", "cat", "dog"]):
        r = client.create_run(e, start_time=1_000 + n, run_name=name, tags={"kind": name.upper(), f"only{n}": "1"})
        made[name] = r.info.run_id
        client.log_batch(r.info.run_id, params=[Param("depth", str(n)), Param("p.q r", name)],
                         metrics=[Metric("acc", n / 10, 1, 0), Metric("val/acc", 1 - n / 10, 1, 0)])
    client.log_metric(made["dog"], "acc", float("nan"), timestamp=2, step=1)
    client.log_metric(made["ant"], "rare", 5, timestamp=1)
    client.log_metric(made["cat"], "rare", -5, timestamp=1)
    client.set_terminated(made["cat"], "FINISHED", end_time=5_000)
    d = DatasetInput(Dataset("wine", "abc123", "local", "{}"), [InputTag("mlflow.data.context", "train")])
    client.log_inputs(made["Bee"], [d])
    find = lambda text, **k: [x.info.run_name for x in client.search_runs([e], text, **k)]
    wanted = {
        "": ["dog", "cat", "Bee", "ant"],
        "metrics.acc > 0.1": ["cat"],
        "metrics.acc >= 0.1": ["cat", "Bee"],
        "metrics.acc < 0.1": ["ant"],
        "metrics.acc <= 0.1": ["Bee", "ant"],
        "metrics.acc = 0.2": ["cat"],
        "metric.acc != 0.2": ["Bee", "ant"],
        "metrics.`val/acc` > 0.75 AND params.depth != '0'": ["cat", "Bee"],
        'metrics."val/acc" >= 1': ["ant"],
        "params.depth = '2'": ["cat"],
        "param.`p.q r` LIKE '%a%'": ["cat", "ant"],
        "params.`p.q r` ILIKE 'b%'": ["Bee"],
        "params.depth != '2'": ["dog", "Bee", "ant"],
        "tags.kind = 'BEE'": ["Bee"],
        "tag.kind LIKE '_A_'": ["cat"],
        "tags.only1 != '2'": ["Bee"],
        "attributes.status = 'FINISHED'": ["cat"],
        "status != 'FINISHED'": ["dog", "Bee", "ant"],
        "run_name ILIKE 'B%'": ["Bee"],
        "attributes.`run name` = 'dog'": ["dog"],
        "start_time > 1001": ["dog", "cat"],
        "attribute.end_time >= 5000": ["cat"],
        f"run_id IN ('{made['ant']}', '{made['dog']}')": ["dog", "ant"],
        f"attributes.run_id NOT IN ('{made['ant']}')": ["dog", "cat", "Bee"],
        f"run_id = '{made['cat']}'": ["cat"],
        "datasets.name = 'wine'": ["Bee"],
        "dataset.digest IN ('abc123', 'x')": ["Bee"],
        "datasets.context LIKE 'tr%'": ["Bee"],
        "artifact_uri LIKE 'mlflow-artifacts:%'": ["dog", "cat", "Bee", "ant"],
        "user_id = 'nobody'": [],
    }
    for text, names in wanted.items():
        assert find(text) == names, (text, find(text), names)
    orders = {
        "metrics.acc ASC": ["ant", "Bee", "cat", "dog"],
        "metrics.acc DESC": ["cat", "Bee", "ant", "dog"],
        "metrics.rare ASC": ["cat", "ant", "dog", "Bee"],
        "params.depth DESC": ["dog", "cat", "Bee", "ant"],
        "tags.only1 ASC": ["Bee", "dog", "cat", "ant"],
        "start_time ASC": ["ant", "Bee", "cat", "dog"],
        "attributes.end_time DESC": ["cat", "dog", "Bee", "ant"],
        "run_name ASC": ["Bee", "ant", "cat", "dog"],
        "attributes.status": ["cat", "dog", "Bee", "ant"],
    }
    for text, names in orders.items():
        assert find("", order_by=[text]) == names, (text, find("", order_by=[text]))
    token, seen = None, []
    while True:
        page = client.search_runs([e], max_results=3, order_by=["metrics.acc DESC"], page_token=token)
        seen += [x.info.run_name for x in page]
        token = page.token
        if not token:
            break
    assert seen == ["cat", "Bee", "ant", "dog"]
    bad = ["metrics.acc > 'a'", "params.depth > '1'", "tags.kind IN ('a')", "colour = 'x'", "a = 1 OR b = 2",
           "(run_name = 'a')", "run_id IN ()", "metrics.acc >", "status = 1"]
    for text in bad:
        refused("INVALID_PARAMETER_VALUE", find, text)
    for text in ["metrics.acc UP", "colour", "metrics.acc ASC x"]:
        refused("INVALID_PARAMETER_VALUE", find, "", order_by=[text])
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [e], page_token="junk")
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [e], max_results=50_001)
    assert len(mlflow.search_runs([e], "metrics.acc < 0.15")) == 2


def inputs_and_outputs():
    e = mlflow.set_experiment("inputs").experiment_id
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]})
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(frame, name="toys"), context="training")
        mlflow.log_input(mlflow.data.from_pandas(frame, name="toys"), context="training")
    r = client.get_run(run.info.run_id)
    assert [x.dataset.name for x in r.inputs.dataset_inputs] == ["toys"]
    assert r.inputs.dataset_inputs[0].tags[0].value == "training"
    assert json.loads(r.inputs.dataset_inputs[0].dataset.schema)["mlflow_colspec"][0]["name"] == "a"
    wide = Dataset("wide", "0f", "local", "{}", schema="s" * 600_000, profile="p" * 500_000)
    client.log_inputs(run.info.run_id, [DatasetInput(wide, [])])
    back = next(x.dataset for x in client.get_run(run.info.run_id).inputs.dataset_inputs if x.dataset.name == "wide")
    assert (len(back.schema), len(back.profile)) == (600_000, 500_000)
    m = client.create_logged_model(e, name="net", source_run_id=run.info.run_id)
    client.log_inputs(run.info.run_id, models=[LoggedModelInput(m.model_id)])
    client.log_outputs(run.info.run_id, [LoggedModelOutput(m.model_id, step=2)])
    r = client.get_run(run.info.run_id)
    assert r.inputs.model_inputs[0].model_id == m.model_id and r.outputs.model_outputs[0].step == 2
    found = raw("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", json.dumps({"experiment_ids": [e]}),
                {"content-type": "application/json"}).json()
    assert {x["name"] for x in found["dataset_summaries"]} == {"toys", "wide"}, found


def artifacts():
    e = mlflow.set_experiment("artifacts").experiment_id
    text, big = os.path.join(FOLDER, "small ü.txt"), os.path.join(FOLDER, "big.bin")
    open(text, "w").write("hello")
    content = hashlib.shake_256(b"millrace").digest(12 * 2**20)
    open(big, "wb").write(content)
    with mlflow.start_run() as run:
        i = run.info.run_id
        mlflow.log_artifact(text)
        mlflow.log_artifact(text, "dir/sub x")
        mlflow.log_dict({"a": 1}, "d/x.json")
        mlflow.log_text("t" * 100_000, "d/long.txt")
        client.log_text(i, "", "empty.txt")
        mlflow.log_artifact(big, "weights")
    listed = lambda p=None: [(f.path, f.is_dir, f.file_size) for f in client.list_artifacts(i, p)]
    assert ("small ü.txt", False, 5) in listed() and ("weights", True, None) in listed(), listed()
    assert listed("dir/sub x") == [("dir/sub x/small ü.txt", False, 5)]
    assert listed("weights") == [("weights/big.bin", False, 12 * 2**20)]
    assert listed("nowhere") == []
    get = lambda p: open(mlflow.artifacts.download_artifacts(run_id=i, artifact_path=p, dst_path=FOLDER + "/o"), "rb").read()
    assert get("weights/big.bin") == content
    assert mlflow.artifacts.load_dict(run.info.artifact_uri + "/d/x.json") == {"a": 1}
    whole = mlflow.artifacts.download_artifacts(run_id=i, artifact_path="d", dst_path=FOLDER + "/whole")
    assert sorted(os.listdir(whole)) == ["long.txt", "x.json"]
    missing = raw("GET", f"/api/2.0/mlflow-artifacts/artifacts/{e}/{i}/artifacts/none.txt")
    assert (missing.status_code, missing.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST"), missing.text
    refused("RESOURCE_DOES_NOT_EXIST", mlflow.artifacts.download_artifacts, run_id=i, artifact_path="none.txt")
    get_artifact_repository(run.info.artifact_uri).delete_artifacts("dir")
    assert "dir" not in [f.path for f in client.list_artifacts(i)]
    ui = raw("GET", "/get-artifact", run_id=i, path="d/x.json")
    assert ui.status_code in (200, 302, 307), ui.text
    for path in ["../x", "a/../../x", "/etc/passwd", "%2e%2e/x"]:
        r = raw("GET", "/api/2.0/mlflow/artifacts/list", run_id=i, path=path)
        assert (r.status_code, r.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), (path, r.text)
    # Without multipart a file of 12 MB goes in one PUT, which says what to do instead.
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "false"
    try:
        client.log_artifact(i, big, "plain")
        raise AssertionError("a PUT of 12 MB was not refused")
    except (MlflowException, requests.HTTPError) as error:
        assert "413" in str(error), error
    os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
    upload = raw("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{e}/{i}/artifacts", json.dumps({"path": "gone.bin", "num_parts": 2}),
                 {"content-type": "application/json"}).json()
    done = raw("POST", f"/api/2.0/mlflow-artifacts/mpu/abort/{e}/{i}/artifacts",
               json.dumps({"path": "gone.bin", "upload_id": upload["upload_id"]}), {"content-type": "application/json"})
    assert done.status_code == 200 and len(upload["credentials"]) == 2, done.text


def own_bucket():
    root = os.environ["S3_ROOT"]
    e = client.create_experiment("own bucket", artifact_location=root)
    i = client.create_run(e, start_time=1).info
    assert i.artifact_uri == f"{root}/{i.run_id}/artifacts"
    if "MLFLOW_S3_ENDPOINT_URL" not in os.environ:
        return
    client.log_text(i.run_id, "mine", "own/text.txt")
    big = os.path.join(FOLDER, "big.bin")
    client.log_artifact(i.run_id, big)
    assert [f.path for f in client.list_artifacts(i.run_id)] == ["big.bin", "own"]
    assert mlflow.artifacts.load_text(f"{i.artifact_uri}/own/text.txt") == "mine"


def registry():
    run = client.create_run("0", start_time=7)
    i = run.info.run_id
    client.log_text(i, "flavors: {}\n", "model/MLmodel")
    client.create_registered_model("churn", {"team": "x"}, "described")
    refused("RESOURCE_ALREADY_EXISTS", client.create_registered_model, "churn")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "none")
    refused("INVALID_PARAMETER_VALUE", client.create_registered_model, "")
    source = f"{run.info.artifact_uri}/model"
    v1 = client.create_model_version("churn", source, i, tags={"v": "1"}, description="first")
    v2 = mlflow.register_model(f"runs:/{i}/model", "churn", tags={"v": "2"})
    v3 = client.create_model_version("churn", "s3://bucket/elsewhere")
    assert [v1.version, v2.version, v3.version] == ["1", 2, "3"] or [int(v.version) for v in (v1, v2, v3)] == [1, 2, 3]
    assert (v1.status, v1.run_id, v1.tags, v1.current_stage) == ("READY", i, {"v": "1"}, "None")
    for bad in ["/etc/passwd", "file:///etc/passwd", "../up"]:
        refused("INVALID_PARAMETER_VALUE", client.create_model_version, "churn", bad)
    refused("RESOURCE_DOES_NOT_EXIST", client.create_model_version, "none", "s3://bucket/x")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "churn", "9")
    assert client.get_model_version_download_uri("churn", "1") == source
    client.update_registered_model("churn", "again")
    client.update_model_version("churn", "1", "the first")
    client.set_registered_model_tag("churn", "owner", "ann")
    client.delete_registered_model_tag("churn", "owner")
    client.set_model_version_tag("churn", "1", "checked", "yes")
    client.delete_model_version_tag("churn", "1", "checked")
    client.set_registered_model_alias("churn", "champion", "1")
    client.set_registered_model_alias("churn", "champion", "2")
    client.set_registered_model_alias("churn", "challenger", "2")
    assert client.get_model_version_by_alias("churn", "champion").version in ("2", 2)
    assert sorted(client.get_model_version("churn", "2").aliases) == ["challenger", "champion"]
    assert set(client.get_registered_model("churn").aliases) == {"challenger", "champion"}
    client.delete_registered_model_alias("churn", "challenger")
    client.delete_registered_model_alias("churn", "challenger")
    for alias in ["latest", "v1", "a b"]:
        refused("INVALID_PARAMETER_VALUE", client.set_registered_model_alias, "churn", alias, "1")
    refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, "churn", "none")
    refused("RESOURCE_DOES_NOT_EXIST", client.set_registered_model_alias, "churn", "late", "9")
    client.transition_model_version_stage("churn", "1", "production")
    client.transition_model_version_stage("churn", "2", "Production", archive_existing_versions=True)
    assert client.get_model_version("churn", "1").current_stage == "Archived"
    refused("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, "churn", "1", "Live")
    latest = {v.current_stage: int(v.version) for v in client.get_latest_versions("churn")}
    assert latest == {"Archived": 1, "Production": 2, "None": 3}, latest
    assert [int(v.version) for v in client.get_latest_versions("churn", ["Production"])] == [2]
    copy = client.copy_model_version("models:/churn@champion", "churn copy")
    assert copy.source == "models:/churn/2" and copy.run_id == i, copy
    assert client.get_model_version_download_uri("churn copy", "1") == source
    client.create_registered_model("Other")
    models = lambda *a, **k: [m.name for m in client.search_registered_models(*a, **k)]
    assert models() == ["Other", "churn", "churn copy"]
    assert models("name ILIKE 'CHURN%' AND tags.team = 'x'") == ["churn"]
    assert models("name LIKE 'churn%'", order_by=["name DESC"]) == ["churn copy", "churn"]
    assert models("name != 'churn'", order_by=["last_updated_timestamp ASC"]) == ["churn copy", "Other"]
    page = client.search_registered_models(max_results=2)
    assert [m.name for m in client.search_registered_models(max_results=2, page_token=page.token)] == ["churn copy"]
    found = lambda *a, **k: [(v.name, int(v.version)) for v in client.search_model_versions(*a, **k)]
    assert found("name = 'churn'", order_by=["version_number DESC"]) == [("churn", 3), ("churn", 2), ("churn", 1)]
    assert found("name = 'churn' AND version_number > 2") == [("churn", 3)]
    assert found(f"run_id = '{i}'", order_by=["name ASC", "version_number ASC"]) == [("churn", 1), ("churn", 2), ("churn copy", 1)]
    assert found(f"run_id IN ('{i}') AND name ILIKE '%COPY'") == [("churn copy", 1)]
    assert found("source_path = 's3://bucket/elsewhere'") == [("churn", 3)]
    assert found("tags.v = '1'") == [("churn", 1)]
    refused("INVALID_PARAMETER_VALUE", found, "name = 'a' OR name = 'b'")
    refused("INVALID_PARAMETER_VALUE", models, "colour = 'a'")
    client.delete_model_version("churn", "3")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_model_version, "churn", "3")
    assert int(client.create_model_version("churn", "s3://bucket/four").version) == 4
    client.rename_registered_model("churn", "churn 2")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "churn")
    refused("RESOURCE_ALREADY_EXISTS", client.rename_registered_model, "churn 2", "Other")
    assert int(client.get_model_version_by_alias("churn 2", "champion").version) == 2
    client.delete_model_version("churn 2", "2")
    refused("INVALID_PARAMETER_VALUE", client.get_model_version_by_alias, "churn 2", "champion")
    client.delete_registered_model("churn 2")
    assert found("name = 'churn 2'") == []
    client.create_registered_model("churn 2")
    assert int(client.create_model_version("churn 2", "s3://bucket/again").version) == 1


def prompts():
    mlflow.genai.register_prompt(name="greet", template="Hello {{name}}")
    p = mlflow.genai.register_prompt(name="greet", template="Hi {{name}} " + "x" * 20_000, commit_message="long")
    assert p.version == 2 and mlflow.genai.load_prompt("prompts:/greet/2").template == p.template
    mlflow.genai.set_prompt_alias("greet", "live", 1)
    assert mlflow.genai.load_prompt("prompts:/greet@live").template == "Hello {{name}}"
    assert [x.name for x in mlflow.genai.search_prompts()] == ["greet"]
    assert "greet" not in [m.name for m in client.search_registered_models()]


# As code, not pickled: a pickle tells where the client's packages lie.
ECHO = """
import mlflow


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input: list[str], params=None) -> list[str]:
        return model_input


mlflow.models.set_model(Echo())
"""


def logged_models():
    e = mlflow.set_experiment("models").experiment_id
    code = os.path.join(FOLDER, "echo.py")
    open(code, "w").write(ECHO)
    with mlflow.start_run() as run:
        info = mlflow.pyfunc.log_model(name="echo", python_model=code, pip_requirements=[], params={"alpha": 1},
                                       registered_model_name="echo")
        mlflow.log_metric("acc", 0.9, step=1, model_id=info.model_id)
    m = mlflow.get_logged_model(info.model_id)
    assert (str(m.status), m.params, m.source_run_id) == ("READY", {"alpha": "1"}, run.info.run_id), m
    assert [(x.key, x.value) for x in m.metrics] == [("acc", 0.9)]
    assert "echo" in m.tags["mlflow.modelVersions"]
    assert client.get_run(run.info.run_id).outputs.model_outputs[0].model_id == m.model_id
    version = raw("GET", "/api/2.0/mlflow/model-versions/get", name="echo", version="1").json()["model_version"]
    assert version["model_id"] == m.model_id, version
    loaded = mlflow.pyfunc.load_model(f"models:/{m.model_id}")
    assert loaded.predict(["a"]) == ["a"]
    assert mlflow.pyfunc.load_model("models:/echo/1").predict(["b"]) == ["b"]
    assert [f.path for f in client.list_logged_model_artifacts(m.model_id)]
    made = [client.create_logged_model(e, name=f"net {n}", model_type="agent", params={"n": str(n)}, tags={"odd": str(n % 2)})
            for n in range(3)]
    client.finalize_logged_model(made[0].model_id, "READY")
    client.finalize_logged_model(made[1].model_id, "FAILED")
    client.set_logged_model_tags(made[0].model_id, {"a": "b"})
    client.delete_logged_model_tag(made[0].model_id, "odd")
    refused("RESOURCE_DOES_NOT_EXIST", client.delete_logged_model_tag, made[0].model_id, "odd")
    client.log_model_params(made[0].model_id, {"extra": "1"})
    assert client.get_logged_model(made[0].model_id).params == {"n": "0", "extra": "1"}
    find = lambda text=None, **k: [x.name for x in client.search_logged_models([e], filter_string=text, **k)]
    up = [{"field_name": "name", "ascending": True}]
    assert find() == ["net 2", "net 1", "net 0", "echo"]
    assert find("name LIKE 'net%' AND params.n != '1'", order_by=up) == ["net 0", "net 2"]
    assert find("metrics.acc > 0.5") == ["echo"]
    assert find(f"source_run_id = '{run.info.run_id}'") == ["echo"]
    assert find("tags.odd = '1' AND model_type = 'agent'") == ["net 1"]
    assert find("name IN ('net 1', 'net 2')", order_by=up) == ["net 1", "net 2"]
    assert find(f"model_id = '{made[2].model_id}'") == ["net 2"]
    assert find(order_by=[{"field_name": "metrics.acc", "ascending": False}])[0] == "echo"
    page = client.search_logged_models([e], max_results=2, order_by=up)
    rest = client.search_logged_models([e], max_results=2, order_by=up, page_token=page.token)
    assert [x.name for x in list(page) + list(rest)] == ["echo", "net 0", "net 1", "net 2"]
    refused("INVALID_PARAMETER_VALUE", find, "colour = 1")
    client.delete_logged_model(made[2].model_id)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, made[2].model_id)


def traces():
    e = mlflow.set_experiment("traces").experiment_id

    @mlflow.trace(name="inner", span_type="TOOL")
    def inner(x):
        return {"y": x * 2, "z": [1, None, "é"]}

    @mlflow.trace
    def outer(q):
        with mlflow.start_span("mid", attributes={"k": 1.5, "flag": True}) as span:
            span.set_inputs({"q": q})
            span.set_outputs("ok")
            span.add_event(SpanEvent(name="ev", attributes={"a": 1, "b": ["x", "y"]}))
            return inner(3)

    outer("hello")
    first = mlflow.get_last_active_trace_id()
    with mlflow.start_span("bad") as span:
        span.set_status("ERROR")  # Not by raising: a stack trace tells where the client's packages lie.
    failed = span.trace_id
    with mlflow.start_run() as run:
        outer("in a run")
    third = mlflow.get_last_active_trace_id()
    mlflow.flush_trace_async_logging()
    t = mlflow.get_trace(first)
    assert [s.name for s in t.data.spans] == ["outer", "mid", "inner"], t.data.spans
    assert t.data.spans[1].attributes["k"] == 1.5 and t.data.spans[2].outputs == {"y": 6, "z": [1, None, "é"]}
    client.set_trace_tag(first, "colour", "red")
    assert client.get_trace(first).info.tags["colour"] == "red"
    given = {"experiment_ids": [e]} if mlflow.__version__ < "3.7" else {"locations": [e]}
    find = lambda **k: [x.info.trace_id for x in mlflow.search_traces(**given, return_type="list", **k)]
    assert set(find()) == {first, failed, third}
    assert find(filter_string="trace.status = 'ERROR'") == [failed]
    assert find(filter_string="tags.colour = 'red'") == [first]
    assert find(filter_string="attributes.name = 'outer'", order_by=["timestamp_ms ASC"]) == [first, third]
    assert find(run_id=run.info.run_id) == [third]
    assert len(find(max_results=2)) == 2
    client.delete_trace_tag(first, "colour")
    assert "colour" not in client.get_trace(first).info.tags
    assert client.delete_traces(e, trace_ids=[failed]) == 1
    assert client.delete_traces(e, max_timestamp_millis=int(time.time() * 1000) + 60_000, max_traces=1) == 1
    assert find() == [third]
    refused("RESOURCE_DOES_NOT_EXIST", client._tracking_client.store.get_trace_info, failed)


def webhooks():
    from mlflow.entities.webhook import WebhookEvent
    hook = client.create_webhook("deploy", os.environ["HOOK_URL"], [WebhookEvent.from_str("model_version.created")], secret="s" * 8)
    assert client.get_webhook(hook.webhook_id).name == "deploy"
    client.update_webhook(hook.webhook_id, description="told", status="DISABLED")
    assert [w.description for w in client.list_webhooks()] == ["told"]
    assert client.test_webhook(hook.webhook_id).success
    refused("INVALID_PARAMETER_VALUE", client.create_webhook, "x", "ftp://a.b/c", [WebhookEvent.from_str("model_version.created")])
    client.delete_webhook(hook.webhook_id)
    refused("RESOURCE_DOES_NOT_EXIST", client.get_webhook, hook.webhook_id)


def retries():
    """The client tries again by itself: after a call that did not arrive, and after one whose answer was lost."""
    i = client.create_run("0", start_time=8).info.run_id
    fault = os.environ["FAULT_URI"]
    for when in ["before", "after"]:
        requests.get(f"{fault}?when={when}&path=log-batch")
        client.log_batch(i, metrics=[Metric(when, 1, 1, 0)], params=[Param(when, "1")], tags=[RunTag(when, "1")])
        requests.get(f"{fault}?when={when}&path=log-metric")
        client.log_metric(i, when, 2, timestamp=2, step=1)
        requests.get(f"{fault}?when={when}&path=log-parameter")
        client.log_param(i, f"{when} one", "1")
        requests.get(f"{fault}?when={when}&path=artifacts/retried")
        client.log_text(i, when, "retried.txt")
    data = client.get_run(i).data
    assert data.params == {"before": "1", "after": "1", "before one": "1", "after one": "1"}
    assert [len(client.get_metric_history(i, key)) for key in ["before", "after"]] == [2, 2]


def workspaces():
    other = MlflowClient(os.environ["OTHER_URI"])
    e = other.create_experiment("theirs")
    i = other.create_run(e, start_time=9).info.run_id
    other.log_metric(i, "m", 1, timestamp=1)
    assert [x.info.run_id for x in other.search_runs([e])] == [i]
    refused("RESOURCE_DOES_NOT_EXIST", client.get_run, i)
    assert client.get_experiment_by_name("theirs") is None
    other.create_registered_model("theirs")
    refused("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "theirs")


SECTIONS = [experiments, runs, metrics, params_and_batches, search, inputs_and_outputs, artifacts, own_bucket, registry,
            prompts, logged_models, traces, webhooks, retries, workspaces]

failed = 0
for section in SECTIONS:
    if len(sys.argv) > 1 and section.__name__ not in sys.argv[1:]:
        continue
    began = time.time()
    try:
        section()
        print(f"ok   {section.__name__} {time.time() - began:.1f} s", flush=True)
    except Exception:
        failed += 1
        print(f"FAIL {section.__name__}", flush=True)
        traceback.print_exc()
sys.exit(1 if failed else 0)
