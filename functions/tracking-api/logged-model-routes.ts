import { ANSWER_LIMIT_BYTES, answerBytes, listed } from '../../shared/contracts/http/mlflow/encode-value.ts';
import { type Fields, invalidParameter, missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import {
  deletedModel,
  type LoggedModelSearch,
  newLoggedModel,
  searchLoggedModels,
  sourceRunOf,
  withoutTag,
  withParams,
  withStatus,
  withTags,
} from '../../shared/core/logged-models/index.ts';
import {
  type DatasetChoice,
  type Filter,
  type LoggedModelOrder,
  type LoggedModelStatus,
  parseLoggedModelFilter,
  parseLoggedModelOrderBy,
} from '../../shared/core/tracking/index.ts';
import type { HttpResponse } from '../../shared/http/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { LoggedModelStore } from '../../shared/ports/logged-model-store.ts';
import { artifactBelow, attachmentUrl, listBelow } from './artifact-root.ts';
import { decodeKeyValue, experimentIdOf, filledText, maxResultsOf } from './decode-tracking.ts';
import { encodeLoggedModel } from './encode-logged-model.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { redirect } from './redirect.ts';

/** Logged models: what `log_model` of MLflow 3 makes before anything is registered. */

const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 50_000;
const MAX_PAGE = 1_000;
const MAX_EXPERIMENTS = 1_000;
const PARALLEL_EXPERIMENTS = 4;

const modelIdOf = ({ parameters }: MlflowCall): string => parameters.model_id ?? '';

const create = async ({ input, ports, newId, nowMs }: MlflowCall): Promise<MlflowAnswer> => {
  const name = filledText(input, 'name');
  const modelType = filledText(input, 'model_type');
  const sourceRunId = filledText(input, 'source_run_id');
  const model = newLoggedModel({
    experiment: await ports.tracking.getExperiment(experimentIdOf(input)),
    hexId: newId(),
    ...(name === undefined ? {} : { name }),
    ...(modelType === undefined ? {} : { modelType }),
    ...(sourceRunId === undefined ? {} : { sourceRunId }),
    params: input.objects('params').map(decodeKeyValue),
    tags: input.objects('tags').map(decodeKeyValue),
    atMs: nowMs,
  });
  await ports.loggedModels.create(model);
  return { model: encodeLoggedModel(model) };
};

const get = async (call: MlflowCall): Promise<MlflowAnswer> => ({
  model: encodeLoggedModel(await call.ports.loggedModels.get(modelIdOf(call))),
});

/** What a model may end as. */
const FINAL_STATUSES = { LOGGED_MODEL_READY: 2, LOGGED_MODEL_UPLOAD_FAILED: 3 } as const satisfies Partial<
  Record<LoggedModelStatus, number>
>;

const finalize = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, ports, nowMs } = call;
  if (!input.has('status')) throw missingParameter('status');
  const status = input.choice('status', FINAL_STATUSES);
  if (status === undefined) throw invalidParameter('status', input.text('status') ?? input.integer('status'));
  const model = await ports.loggedModels.change(modelIdOf(call), (known) => withStatus(known, status, nowMs));
  return { model: encodeLoggedModel(model) };
};

const remove = async (call: MlflowCall): Promise<MlflowAnswer> => {
  await call.ports.loggedModels.change(modelIdOf(call), (model) => deletedModel(model, call.nowMs));
  return {};
};

const logParams = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const params = call.input.objects('params').map(decodeKeyValue);
  await call.ports.loggedModels.change(modelIdOf(call), (model) => withParams(model, params));
  return {};
};

const setTags = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const tags = call.input.objects('tags').map(decodeKeyValue);
  await call.ports.loggedModels.change(modelIdOf(call), (model) => withTags(model, tags));
  return {};
};

const deleteTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const key = call.parameters.tag_key ?? '';
  await call.ports.loggedModels.change(modelIdOf(call), (model) => withoutTag(model, key));
  return {};
};

const decodeDataset = (dataset: Fields): DatasetChoice => {
  const datasetName = filledText(dataset, 'dataset_name');
  const datasetDigest = filledText(dataset, 'dataset_digest');
  if (datasetName === undefined) {
    throw new InvalidRequestError('`dataset_name` in the `datasets` clause must be specified.');
  }
  return { datasetName, ...(datasetDigest === undefined ? {} : { datasetDigest }) };
};

const decodeOrder = (order: Fields): LoggedModelOrder => {
  const ascending = order.boolean('ascending');
  const datasetName = filledText(order, 'dataset_name');
  const datasetDigest = filledText(order, 'dataset_digest');
  return {
    fieldName: order.requiredText('field_name'),
    ...(ascending === undefined ? {} : { ascending }),
    ...(datasetName === undefined ? {} : { datasetName }),
    ...(datasetDigest === undefined ? {} : { datasetDigest }),
  };
};

const experimentIdsOf = (input: Fields): readonly string[] => {
  const experimentIds = [...new Set(input.texts('experiment_ids'))];
  if (experimentIds.length === 0) throw missingParameter('experiment_ids');
  if (experimentIds.length <= MAX_EXPERIMENTS) return experimentIds;
  throw new InvalidRequestError(
    `a search takes at most ${MAX_EXPERIMENTS} experiment_ids, got ${experimentIds.length}`,
  );
};

const readModels = async (store: LoggedModelStore, filter: Filter, experimentIds: readonly string[]) => {
  const runId = sourceRunOf(filter);
  if (runId !== undefined) {
    const wanted = new Set(experimentIds);
    return (await store.listOfRun(runId)).filter(({ experimentId }) => wanted.has(experimentId));
  }
  const models: Awaited<ReturnType<LoggedModelStore['list']>>[] = [];
  for (let at = 0; at < experimentIds.length; at += PARALLEL_EXPERIMENTS) {
    const batch = experimentIds.slice(at, at + PARALLEL_EXPERIMENTS);
    models.push(...(await Promise.all(batch.map((experimentId) => store.list(experimentId)))));
  }
  return models.flat();
};

/** The page, halved until it fits through Lambda: the client goes on by its token. */
const fittingPage = (search: LoggedModelSearch): MlflowAnswer => {
  const { entities, nextPageToken } = searchLoggedModels(search);
  const answer = {
    ...listed('models', entities.map(encodeLoggedModel)),
    ...(nextPageToken === undefined ? {} : { next_page_token: nextPageToken }),
  };
  if (entities.length <= 1 || answerBytes(answer) <= ANSWER_LIMIT_BYTES) return answer;
  return fittingPage({ ...search, maxResults: Math.ceil(entities.length / 2) });
};

const search = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const experimentIds = experimentIdsOf(input);
  const pageToken = filledText(input, 'page_token');
  const asked = {
    filter: parseLoggedModelFilter(input.text('filter')),
    datasets: input.objects('datasets').map(decodeDataset),
    orderBy: parseLoggedModelOrderBy(input.objects('order_by').map(decodeOrder)),
    maxResults: Math.min(maxResultsOf(input, { absent: DEFAULT_RESULTS, most: MAX_RESULTS }), MAX_PAGE),
    ...(pageToken === undefined ? {} : { pageToken }),
    experimentIds,
  };
  return fittingPage({ ...asked, models: await readModels(ports.loggedModels, asked.filter, experimentIds) });
};

const placeOf = async (call: MlflowCall, path: string) => {
  const { modelId, artifactUri } = await call.ports.loggedModels.get(modelIdOf(call));
  return { owner: `logged model ${modelId}`, uri: artifactUri, path };
};

const listArtifacts = async (call: MlflowCall): Promise<MlflowAnswer> =>
  listBelow(call.ports.artifacts, await placeOf(call, call.input.text('artifact_directory_path') ?? ''));

const getArtifact = async (call: MlflowCall): Promise<HttpResponse> => {
  const { artifacts } = call.ports;
  const place = await placeOf(call, call.input.requiredText('artifact_file_path'));
  return redirect(302, await attachmentUrl(artifacts, artifactBelow(artifacts, place)));
};

const ROOT = '/2.0/mlflow/logged-models';
const MODEL = `${ROOT}/{model_id}`;

export const loggedModelRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: ROOT, handle: create },
  { method: 'POST', path: `${ROOT}/search`, handle: search },
  { method: 'GET', path: MODEL, handle: get },
  { method: 'PATCH', path: MODEL, handle: finalize },
  { method: 'DELETE', path: MODEL, handle: remove },
  { method: 'POST', path: `${MODEL}/params`, handle: logParams },
  { method: 'PATCH', path: `${MODEL}/tags`, handle: setTags },
  { method: 'DELETE', path: `${MODEL}/tags/{tag_key+}`, handle: deleteTag },
  { method: 'GET', path: `${MODEL}/artifacts/directories`, handle: listArtifacts },
  { method: 'GET', path: `${MODEL}/artifacts/files`, handle: getArtifact },
];
