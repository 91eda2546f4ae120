import { describe, expect, it } from 'vitest';
import { decodeOtlpJson } from '../../../../../shared/core/traces/index.ts';

const TRACE_ID = '5b8efff798038103d269b633813fc60c';
const SPAN_ID = 'eee19b7ec3c1b174';
const body = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });

describe('decodeOtlpJson', () => {
  it('reads numbers as numbers or text, enums as numbers or names, ids in either case', () => {
    const [span] = decodeOtlpJson(
      body({
        traceId: TRACE_ID.toUpperCase(),
        spanId: SPAN_ID,
        parentSpanId: '',
        name: 'a',
        kind: 'SPAN_KIND_SERVER',
        startTimeUnixNano: 1_544_712_660_000,
        endTimeUnixNano: '1544712661000000000',
        attributes: [
          { key: 'count', value: { intValue: 5 } },
          { key: 'none', value: null },
        ],
        status: { code: 'STATUS_CODE_ERROR', message: 'no' },
        unknown: true,
      }),
    ).spans;

    expect(span).toEqual({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      name: 'a',
      kind: 2,
      startTimeUnixNano: '1544712660000',
      endTimeUnixNano: '1544712661000000000',
      attributes: [
        { key: 'count', value: { intValue: '5' } },
        { key: 'none', value: {} },
      ],
      events: [],
      links: [],
      status: { code: 2, message: 'no' },
    });
  });

  it('rejects a span without ids alone', () => {
    const both = {
      resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x' }, { traceId: TRACE_ID, spanId: SPAN_ID }] }] }],
    };

    expect(decodeOtlpJson(both)).toMatchObject({ rejectedCount: 1, spans: [{ spanId: SPAN_ID }] });
  });

  it.each([
    [[], /must be an object, got \[\]/],
    [{ resourceSpans: 1 }, /resourceSpans must be a list, got 1/],
    [body({ name: 1 }), /resourceSpans\[0\]\.scopeSpans\[0\]\.spans\[0\]\.name must be text, got 1/],
    [body({ startTimeUnixNano: 'noon' }), /startTimeUnixNano must be a whole number, got "noon"/],
    [body({ startTimeUnixNano: '18446744073709551616' }), /startTimeUnixNano must be an integer of 64 bits/],
    [body({ attributes: [{ key: 'k', value: { doubleValue: 'much' } }] }), /doubleValue must be a number, got "much"/],
  ])('refuses %j and says where', (input, message) => {
    expect(() => decodeOtlpJson(input)).toThrow(message);
  });
});
