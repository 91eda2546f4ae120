import { expect, it } from 'vitest';
import { arrangeSpans, isWhole, type Span, type TraceInfo } from '../../../../../shared/core/traces/index.ts';

const span = (spanId: string, start: string, more: Partial<Span> = {}): Span => ({
  traceId: 'a'.repeat(32),
  spanId,
  name: spanId,
  startTimeUnixNano: start,
  attributes: [],
  events: [],
  links: [],
  status: { code: 0 },
  ...more,
});

it('gives each span once, its ended telling, roots first and then by start', () => {
  const running = span('b', '5', { parentSpanId: 'r' });
  const ended = { ...running, endTimeUnixNano: '9' };
  const early = span('c', '1', { parentSpanId: 'r' });
  const root = span('r', '3');

  expect(arrangeSpans([ended, early, running, root, root])).toEqual([root, early, ended]);
  expect(arrangeSpans([running, ended, root, early])).toEqual([root, early, ended]);
});

it('orders starts beyond 2^53 to the nanosecond', () => {
  const [later, earlier] = [span('a', '1795288323916379392'), span('b', '1795288323916379391')];

  expect(arrangeSpans([later, earlier])).toEqual([earlier, later]);
});

it('calls a trace whole when it has the spans that its client counted', () => {
  const info = (metadata: TraceInfo['metadata']) => ({ metadata }) as TraceInfo;
  const stats = { 'mlflow.trace.sizeStats': '{"total_size_bytes": 10, "num_spans": 2}' };

  expect(isWhole(info(stats), [span('a', '1')])).toBe(false);
  expect(isWhole(info(stats), [span('a', '1'), span('b', '1')])).toBe(true);
  expect(isWhole(info({}), [])).toBe(true);
});
