import { describe, expect, it } from 'vitest';
import {
  addSpans,
  checkTraceId,
  deleteTag,
  linkRun,
  reportTrace,
  type Span,
  setTag,
  type Trace,
  type TraceReport,
  traceIdOf,
  traceInfoOf,
} from '../../../../../shared/core/traces/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const TRACE_HEX = '0123456789abcdef0123456789abcdef';
const TRACE_ID = `tr-${TRACE_HEX}`;
const ORIGIN = { traceId: TRACE_ID, experimentId: '7', artifactLocation: 'mlflow-artifacts:/7' };

const span = (index: number, more: Partial<Span> = {}): Span => ({
  traceId: TRACE_HEX,
  spanId: String(index).padStart(16, '0'),
  parentSpanId: '0000000000000001',
  name: `span ${index}`,
  startTimeUnixNano: `${1_000_000_000 + index * 1_000_000}`,
  endTimeUnixNano: `${2_000_000_000 + index * 1_000_000}`,
  attributes: [],
  events: [],
  links: [],
  status: { code: 1 },
  ...more,
});

const usage = (input: string, output: string): Span['attributes'] => [
  { key: 'gen_ai.usage.input_tokens', value: { intValue: input } },
  { key: 'gen_ai.usage.output_tokens', value: { intValue: output } },
];

const { parentSpanId: _, ...rootless } = span(1, {
  name: 'answer',
  attributes: [
    { key: 'mlflow.spanInputs', value: { kvlistValue: { values: [{ key: 'q', value: { stringValue: 'é' } }] } } },
    { key: 'mlflow.spanOutputs', value: { arrayValue: { values: [{ doubleValue: 2 }, {}, { boolValue: true }] } } },
  ],
});
const root: Span = rootless;
const report: TraceReport = {
  traceId: TRACE_ID,
  experimentId: '7',
  requestTimeMs: 1_001,
  executionDurationMs: 999,
  state: 'OK',
  requestPreview: 'asked',
  metadata: { 'mlflow.sourceRun': 'run' },
  tags: { colour: 'red' },
};

const withSpans = (trace: Trace | undefined, spans: readonly Span[]): Trace => addSpans(trace, spans, ORIGIN);
const reported = (trace: Trace | undefined): Trace => reportTrace(trace, report, ORIGIN.artifactLocation);

describe('a trace that only its spans tell of', () => {
  it('takes time, state, name and previews from them', () => {
    const trace = withSpans(undefined, [span(2, { attributes: usage('3', '4') }), root]);

    expect(traceInfoOf(trace)).toEqual({
      traceId: TRACE_ID,
      experimentId: '7',
      requestTimeMs: 1_001,
      executionDurationMs: 1_001,
      state: 'OK',
      requestPreview: '{"q": "é"}',
      responsePreview: '[2.0, null, true]',
      metadata: { 'mlflow.trace.tokenUsage': '{"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}' },
      tags: {
        'mlflow.traceName': 'answer',
        'mlflow.artifactLocation': `mlflow-artifacts:/7/traces/${TRACE_ID}/artifacts`,
        'mlflow.trace.spansLocation': 'TRACKING_STORE',
      },
    });
  });

  it('is in progress until its root has come and has ended', () => {
    const { endTimeUnixNano: __, ...running } = root;

    expect(traceInfoOf(withSpans(undefined, [span(2)])).state).toBe('IN_PROGRESS');
    expect(traceInfoOf(withSpans(undefined, [running])).state).toBe('IN_PROGRESS');
    expect(traceInfoOf(withSpans(undefined, [{ ...root, status: { code: 2 } }])).state).toBe('ERROR');
  });

  it('keeps the name that somebody gave it before its root came', () => {
    const named = setTag(withSpans(undefined, [span(2)]), 'mlflow.traceName', 'mine');

    expect(traceInfoOf(withSpans(named, [root])).tags['mlflow.traceName']).toBe('mine');
  });
});

it('is the same however often, in which parts and in which order it is told', () => {
  const told = [root, ...Array.from({ length: 6 }, (_, i) => span(i + 2, { attributes: usage(String(i), '1') }))];
  const whole = traceInfoOf(reported(withSpans(undefined, told)));
  // Each part is a set of spans, or (undefined) the report.
  const part = fc.option(fc.uniqueArray(fc.nat(told.length - 1)), { nil: undefined });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), fc.nat(), (parts, turn) => {
      const everything = [...parts, told.map((_, index) => index), undefined];
      const turned = everything.map((_, index) => everything[(index + turn) % everything.length]);

      const trace = turned.reduce<Trace | undefined>((current, indexes) => {
        if (indexes === undefined) return reported(current);
        return withSpans(
          current,
          indexes.map((index) => told[index] as Span),
        );
      }, undefined);

      expect(traceInfoOf(trace as Trace)).toEqual(whole);
    }),
  );
});

describe('what a client reports', () => {
  it('stands before what the spans tell, but for a state that is still open', () => {
    const spans = withSpans(undefined, [root]);

    expect(traceInfoOf(reported(spans))).toMatchObject({
      executionDurationMs: 999,
      requestPreview: 'asked',
      state: 'OK',
    });
    const open = reportTrace(spans, { ...report, state: 'IN_PROGRESS' }, '');
    expect(traceInfoOf(open).state).toBe('OK');
  });

  it('cannot say where spans and artifacts are', () => {
    const tags = { 'mlflow.trace.spansLocation': 'TRACKING_STORE', 'mlflow.artifactLocation': 's3://elsewhere' };

    const trace = reportTrace(undefined, { ...report, tags }, 'mlflow-artifacts:/7');

    expect(trace.tags).toEqual({ 'mlflow.artifactLocation': `mlflow-artifacts:/7/traces/${TRACE_ID}/artifacts` });
  });

  it('is cut to what MLflow keeps', () => {
    const long = 'x'.repeat(9_000);

    const trace = reportTrace(
      undefined,
      { ...report, requestPreview: long, metadata: { [long]: long }, tags: { [long]: long } },
      '',
    );

    expect(Object.entries(trace.metadata)).toEqual([['x'.repeat(250), 'x'.repeat(250)]]);
    expect(trace.tags['x'.repeat(250)]).toBe('x'.repeat(4_096));
    expect(traceInfoOf(trace).requestPreview).toBe(`${'x'.repeat(997)}...`);
  });

  it('is refused for a time that cannot be ordered and for tags without end', () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`key-${i}`, 'x'.repeat(4_096)]));

    expect(() => reportTrace(undefined, { ...report, requestTimeMs: -1 }, '')).toThrow(/between 1970 and 5138/);
    expect(() => reportTrace(undefined, { ...report, tags: many }, '')).toThrow(/at most 100000 are allowed/);
  });
});

describe('tags and runs', () => {
  it('are set, deleted and linked', () => {
    const trace = reported(undefined);

    expect(setTag(trace, 'colour', 'blue').tags.colour).toBe('blue');
    expect(deleteTag(trace, 'colour').tags).not.toHaveProperty('colour');
    expect(() => deleteTag(trace, 'toString')).toThrow(/No trace tag with key 'toString'/);
    expect(linkRun(linkRun(trace, 'r'), 'r').linkedRunIds).toEqual(['r']);
  });
});

describe('ids', () => {
  it('of a span is the one it names, else the one of OpenTelemetry', () => {
    const named = { key: 'mlflow.traceRequestId', value: { stringValue: 'tr-mine' } };
    const bad = { key: 'mlflow.traceRequestId', value: { stringValue: '../x' } };

    expect(traceIdOf(span(1))).toBe(TRACE_ID);
    expect(traceIdOf(span(1, { attributes: [named] }))).toBe('tr-mine');
    expect(traceIdOf(span(1, { attributes: [bad] }))).toBe(TRACE_ID);
  });

  it.each(['', 'a/b', 'a#b', 'é', 'x'.repeat(129)])('refuses %j', (id) => {
    expect(() => checkTraceId(id)).toThrow(/trace_id must be/);
  });
});
