import { invalidParameter, missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import {
  arrangeSpans,
  checkTraceId,
  deleteTag,
  isWhole,
  linkRun,
  reportTrace,
  type Span,
  searchTraces,
  setTag,
  type Trace,
  type TraceReport,
  traceInfoOf,
  traceNotFound,
} from '../../shared/core/traces/index.ts';
import { activeExperiment, parseTraceFilter, parseTraceOrderBy } from '../../shared/core/tracking/index.ts';
import { InvalidRequestError, NotFoundError, NotImplementedError } from '../../shared/kernel/errors.ts';
import { decodeTraceInfo, textsOf, traceStatusOf } from './decode-trace.ts';
import { checkExperimentId, checkRunId, experimentIdOf, maxResultsOf } from './decode-tracking.ts';
import { deleteTraces } from './delete-traces.ts';
import { encodeSpan, encodeTraceInfo, encodeTraceInfoV2 } from './encode-trace.ts';
import { knownRun } from './known-run.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';

const MOST_FOUND = 500;
const FOUND_BY_DEFAULT = 100;
const MOST_LINKED = 100;
const MOST_READ = 100;
/** Traces read at once. */
const READ_AT_ONCE = 8;

const traceIdIn = ({ parameters }: MlflowCall): string => {
  const traceId = parameters.trace_id ?? '';
  try {
    return checkTraceId(traceId);
  } catch {
    throw traceNotFound(traceId); // no trace has such an id
  }
};

/** Keeps what is reported; the experiment of a new trace, and one that it moves to, must be active. */
const report = async ({ ports }: MlflowCall, reported: TraceReport): Promise<Trace> => {
  const experimentId = checkExperimentId(reported.experimentId);
  const { artifactLocation } = activeExperiment(await ports.tracking.getExperiment(experimentId));
  return ports.traces.change(reported.traceId, (current) => reportTrace(current, reported, artifactLocation));
};

const start = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const trace = call.input.object('trace');
  if (trace === undefined) throw missingParameter('trace');
  const info = trace.object('trace_info');
  if (info === undefined) throw missingParameter('trace.trace_info');
  const kept = await report(call, decodeTraceInfo(info, call.nowMs));
  return { trace: { trace_info: encodeTraceInfo(traceInfoOf(kept)) } };
};

const getInfo = async (call: MlflowCall): Promise<MlflowAnswer> => ({
  trace: { trace_info: encodeTraceInfo(traceInfoOf(await call.ports.traces.get(traceIdIn(call)))) },
});

interface ReadTrace {
  readonly trace: Trace;
  readonly spans: readonly Span[];
}

const readTrace = async ({ ports }: MlflowCall, traceId: string): Promise<ReadTrace | undefined> => {
  const found = await ports.traces.read(checkTraceId(traceId));
  return found === undefined ? undefined : { trace: found.trace, spans: arrangeSpans(found.spans) };
};

const encodeTrace = ({ trace, spans }: ReadTrace): object => ({
  trace_info: encodeTraceInfo(traceInfoOf(trace)),
  ...(spans.length === 0 ? {} : { spans: spans.map(encodeSpan) }),
});

const isReadable = ({ trace, spans }: ReadTrace): boolean => spans.length > 0 && isWhole(traceInfoOf(trace), spans);

const get = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const traceId = call.input.requiredText('trace_id');
  const found = await readTrace(call, traceId);
  if (found === undefined) throw new NotFoundError(`Trace with ID ${traceId} is not found.`);
  if (call.input.boolean('allow_partial') !== true && !isReadable(found)) {
    throw new NotFoundError(`Trace with ID ${traceId} is not fully exported yet, please try again later.`);
  }
  return { trace: encodeTrace(found) };
};

/** Missing traces, and those that lack spans, are left out. */
const batchGet = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const traceIds = [...new Set(call.input.texts('trace_ids'))];
  if (traceIds.length === 0) throw missingParameter('trace_ids');
  if (traceIds.length > MOST_READ) {
    throw new InvalidRequestError(`at most ${MOST_READ} trace_ids are read at once, got ${traceIds.length}`);
  }
  const found: (ReadTrace | undefined)[] = [];
  for (let at = 0; at < traceIds.length; at += READ_AT_ONCE) {
    found.push(
      ...(await Promise.all(traceIds.slice(at, at + READ_AT_ONCE).map((traceId) => readTrace(call, traceId)))),
    );
  }
  const traces = found
    .filter((one) => one !== undefined && isReadable(one))
    .map((one) => encodeTrace(one as ReadTrace));
  return traces.length === 0 ? {} : { traces };
};

const find = async (call: MlflowCall, experimentIds: readonly string[]) => {
  const { input, ports, timeIsShort } = call;
  const asked = input.integer('max_results') ?? FOUND_BY_DEFAULT;
  // MLflow's words for too many; for none they are those of every search.
  if (asked > MOST_FOUND) throw invalidParameter('max_results', asked);
  const pageToken = input.text('page_token');
  return searchTraces(
    {
      experimentIds,
      filter: parseTraceFilter(input.text('filter')),
      orderBy: parseTraceOrderBy(input.texts('order_by')),
      maxResults: maxResultsOf(input, { absent: FOUND_BY_DEFAULT, most: MOST_FOUND }),
      ...(pageToken ? { pageToken } : {}),
      timeIsShort,
    },
    ports.traces.walk,
  );
};

const search = async (call: MlflowCall): Promise<MlflowAnswer> => {
  if (!call.input.has('locations')) throw missingParameter('locations');
  const experimentIds = call.input
    .objects('locations')
    .map((location) => location.object('mlflow_experiment')?.text('experiment_id'))
    .filter((experimentId) => experimentId !== undefined && experimentId !== '');
  const { infos, nextPageToken } = await find(call, experimentIds as readonly string[]);
  return {
    ...(infos.length === 0 ? {} : { traces: infos.map(encodeTraceInfo) }),
    next_page_token: nextPageToken,
  };
};

const setTraceTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const traceId = traceIdIn(call);
  const key = call.input.requiredText('key');
  const value = call.input.text('value') ?? '';
  await call.ports.traces.change(traceId, (trace) => setTag(existing(trace, traceId), key, value));
  return {};
};

const deleteTraceTag = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const traceId = traceIdIn(call);
  const key = call.input.requiredText('key');
  await call.ports.traces.change(traceId, (trace) => deleteTag(existing(trace, traceId), key));
  return {};
};

const existing = (trace: Trace | undefined, traceId: string): Trace => {
  if (trace === undefined) throw traceNotFound(traceId);
  return trace;
};

/** Missing traces are passed over, as MLflow does. */
const linkToRun = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => {
  const traceIds = [...new Set(input.texts('trace_ids'))];
  if (traceIds.length === 0) throw missingParameter('trace_ids');
  if (traceIds.length > MOST_LINKED) {
    throw new InvalidRequestError(
      `Cannot link more than ${MOST_LINKED} traces to a run in a single request. Provided ${traceIds.length} traces.`,
    );
  }
  const runId = checkRunId(input.requiredText('run_id'));
  await knownRun(ports.tracking, runId);
  for (const traceId of traceIds) {
    try {
      await ports.traces.change(checkTraceId(traceId), (trace) => linkRun(existing(trace, traceId), runId));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  }
  return {};
};

const assess = (): Promise<MlflowAnswer> =>
  Promise.reject(new NotImplementedError('assessments of traces are not supported'));

const startV2 = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, nowMs, newId } = call;
  const kept = await report(call, {
    traceId: `tr-${newId()}`,
    experimentId: experimentIdOf(input),
    requestTimeMs: input.integer('timestamp_ms') ?? nowMs,
    state: 'IN_PROGRESS',
    metadata: textsOf(input, 'request_metadata'),
    tags: textsOf(input, 'tags'),
  });
  return { trace_info: encodeTraceInfoV2(traceInfoOf(kept)) };
};

const endV2 = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input, nowMs, ports } = call;
  const traceId = traceIdIn(call);
  const metadata = textsOf(input, 'request_metadata');
  const tags = textsOf(input, 'tags');
  const kept = await ports.traces.change(traceId, (current) => {
    const { requestTimeMs, experimentId } = traceInfoOf(existing(current, traceId));
    const executionDurationMs = Math.max(0, (input.integer('timestamp_ms') ?? nowMs) - requestTimeMs);
    const state = traceStatusOf(input);
    return reportTrace(
      current,
      { traceId, experimentId, requestTimeMs, executionDurationMs, state, metadata, tags },
      '',
    );
  });
  return { trace_info: encodeTraceInfoV2(traceInfoOf(kept)) };
};

const getInfoV2 = async (call: MlflowCall): Promise<MlflowAnswer> => ({
  trace_info: encodeTraceInfoV2(traceInfoOf(await call.ports.traces.get(traceIdIn(call)))),
});

const searchV2 = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const experimentIds = call.input.texts('experiment_ids');
  if (experimentIds.length === 0) throw missingParameter('experiment_ids');
  const { infos, nextPageToken } = await find(call, experimentIds);
  return {
    ...(infos.length === 0 ? {} : { traces: infos.map(encodeTraceInfoV2) }),
    next_page_token: nextPageToken,
  };
};

const V2 = '/2.0/mlflow/traces';
const V3 = '/3.0/mlflow/traces';

const ofBothVersions = [V2, V3].flatMap((base): readonly MlflowRoute[] => [
  { method: 'PATCH', path: `${base}/{trace_id}/tags`, handle: setTraceTag },
  { method: 'DELETE', path: `${base}/{trace_id}/tags`, handle: deleteTraceTag },
  { method: 'POST', path: `${base}/delete-traces`, handle: deleteTraces },
  { method: 'POST', path: `${base}/link-to-run`, handle: linkToRun },
]);

/** The first that fits answers: fixed paths stand before those with a trace's id. */
export const traceRoutes: readonly MlflowRoute[] = [
  { method: 'POST', path: V3, handle: start },
  { method: 'GET', path: `${V3}/get`, handle: get },
  { method: 'GET', path: `${V3}/batchGet`, handle: batchGet },
  { method: 'POST', path: `${V3}/search`, handle: search },
  { method: 'GET', path: `${V3}/{trace_id}`, handle: getInfo },
  ...ofBothVersions,
  { method: 'POST', path: `${V3}/{trace_id}/assessments`, handle: assess },
  { method: 'GET', path: `${V3}/{trace_id}/assessments/{assessment_id}`, handle: assess },
  { method: 'PATCH', path: `${V3}/{trace_id}/assessments/{assessment_id}`, handle: assess },
  { method: 'DELETE', path: `${V3}/{trace_id}/assessments/{assessment_id}`, handle: assess },
  { method: 'POST', path: V2, handle: startV2 },
  { method: 'GET', path: V2, handle: searchV2 },
  { method: 'PATCH', path: `${V2}/{trace_id}`, handle: endV2 },
  { method: 'GET', path: `${V2}/{trace_id}/info`, handle: getInfoV2 },
];
