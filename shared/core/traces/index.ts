export { arrangeSpans, isWhole } from './arrange-spans.ts';
export {
  addSpans,
  checkTraceId,
  deleteTag,
  LAST_REQUEST_TIME_MS,
  linkRun,
  reportTrace,
  setTag,
  traceEntryOf,
  traceIdOf,
  traceInfoOf,
  traceNotFound,
} from './change-trace.ts';
export { decodeOtlpJson } from './decode-otlp-json.ts';
export { decodeOtlpProtobuf } from './decode-otlp-protobuf.ts';
export { searchTraces, type TracePage, type TraceSearch, type WalkTraces } from './search-traces.ts';
export type * from './span.ts';
export type * from './trace.ts';
