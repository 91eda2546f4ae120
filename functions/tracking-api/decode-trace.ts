import { type Fields, invalidParameter, missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import { checkTraceId, type TraceReport, type TraceState } from '../../shared/core/traces/index.ts';
import { NotImplementedError } from '../../shared/kernel/errors.ts';
import { decodeKeyValue } from './decode-tracking.ts';

/** `TraceInfoV3` of a request, and the parts of MLflow's former messages. */

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;
const DURATION = /^(\d{1,12})(?:\.(\d{1,9}))?s$/;

/** RFC 3339, as protobuf writes a Timestamp. */
const timeOf = (input: Fields, name: string): number | undefined => {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const atMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw invalidParameter(name, text);
  return atMs;
};

/** Seconds with an `s`, as protobuf writes a Duration; whole milliseconds of it. */
const durationOf = (input: Fields, name: string): number | undefined => {
  const text = input.text(name);
  if (text === undefined) return undefined;
  const [, seconds, fraction = ''] = DURATION.exec(text) ?? [];
  if (seconds === undefined) throw invalidParameter(name, text);
  return Number(seconds) * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3));
};

const STATES: Readonly<Record<TraceState, number>> = { STATE_UNSPECIFIED: 0, OK: 1, ERROR: 2, IN_PROGRESS: 3 };

/** @throws NotImplementedError for assessments: a trace without them would be less than what was sent. */
export const decodeTraceInfo = (info: Fields, nowMs: number): TraceReport => {
  if (info.objects('assessments').length > 0) throw new NotImplementedError('assessments of traces are not supported');
  const experimentId = info.object('trace_location')?.object('mlflow_experiment')?.text('experiment_id');
  if (!experimentId) throw missingParameter('trace_location.mlflow_experiment.experiment_id');
  const executionDurationMs = durationOf(info, 'execution_duration');
  const clientRequestId = info.text('client_request_id');
  const requestPreview = info.text('request_preview') ?? info.text('request');
  const responsePreview = info.text('response_preview') ?? info.text('response');
  return {
    traceId: checkTraceId(info.requiredText('trace_id')),
    experimentId,
    requestTimeMs: timeOf(info, 'request_time') ?? nowMs,
    ...(executionDurationMs === undefined ? {} : { executionDurationMs }),
    state: info.choice('state', STATES) ?? 'STATE_UNSPECIFIED',
    ...(clientRequestId === undefined ? {} : { clientRequestId }),
    ...(requestPreview === undefined ? {} : { requestPreview }),
    ...(responsePreview === undefined ? {} : { responsePreview }),
    metadata: info.textByKey('trace_metadata'),
    tags: info.textByKey('tags'),
  };
};

/** A list of keys with values. */
export const textsOf = (input: Fields, name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    input.objects(name).map((field) => {
      const { key, value } = decodeKeyValue(field);
      return [key, value] as const;
    }),
  );

const STATUSES: Readonly<Record<Exclude<TraceState, 'STATE_UNSPECIFIED'>, number>> = {
  OK: 1,
  ERROR: 2,
  IN_PROGRESS: 3,
};

export const traceStatusOf = (input: Fields): TraceState => input.choice('status', STATUSES) ?? 'STATE_UNSPECIFIED';
