import { gunzipSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeOtlpJson, decodeOtlpProtobuf } from '../../../../../shared/core/traces/index.ts';
import { createProtobufWriter } from '../../../../../shared/core/training/protobuf-writer.ts';
import { fc } from '../../../../helpers/properties.ts';
import recorded from '../../../../reference/otlp/bodies.json' with { type: 'json' };

const unpacked = (body: Buffer, coding: string): Uint8Array => {
  if (coding === 'gzip') return gunzipSync(body);
  return coding === 'deflate' ? inflateSync(body) : body;
};

const bodies = recorded.bodies.map(({ sender, body, contentEncoding, spans }, index) => ({
  title: `${index}: ${sender}`,
  body: unpacked(Buffer.from(body, 'base64'), contentEncoding),
  spans,
}));

const request = (span: ReturnType<typeof createProtobufWriter>): Uint8Array => {
  const scope = createProtobufWriter().message(2, span);
  return createProtobufWriter().message(1, createProtobufWriter().message(2, scope)).bytes();
};

describe('a recorded OTLP body', () => {
  it.each(bodies)('is read as protobuf reads it: $title', ({ body, spans }) => {
    const expected = decodeOtlpJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] });

    expect(decodeOtlpProtobuf(body)).toEqual(expected);
  });

  it('holds every kind of value at its edges', () => {
    const edges = bodies.at(-1);

    const [span] = decodeOtlpProtobuf(edges?.body ?? new Uint8Array()).spans;

    expect(span?.startTimeUnixNano).toBe('18446744073709551615');
    expect(span).not.toHaveProperty('endTimeUnixNano');
    expect(span).not.toHaveProperty('parentSpanId');
    expect(Object.fromEntries(span?.attributes.map(({ key, value }) => [key, value]) ?? [])).toEqual({
      least: { intValue: '-9223372036854775808' },
      greatest: { intValue: '9223372036854775807' },
      zero: { intValue: '0' },
      false: { boolValue: false },
      'empty text': { stringValue: '' },
      nan: { doubleValue: 'NaN' },
      infinity: { doubleValue: '-Infinity' },
      tiny: { doubleValue: 5e-324 },
      bytes: { bytesValue: 'AP+A' },
      nothing: {},
      nested: {
        arrayValue: {
          values: [
            { arrayValue: { values: [{ kvlistValue: { values: [{ key: 'k', value: { intValue: '-1' } }] } }] } },
          ],
        },
      },
      'empty list': { arrayValue: { values: [] } },
      'empty map': { kvlistValue: { values: [] } },
    });
  });

  it.each(bodies)('that was cut anywhere is refused or read in part, never a crash: $title', ({ body }) => {
    for (let length = 0; length < body.length; length += 1) {
      try {
        decodeOtlpProtobuf(body.subarray(0, length));
      } catch (error) {
        expect(error).toMatchObject({ name: 'InvalidRequestError' });
      }
    }
  });
});

describe('decodeOtlpProtobuf', () => {
  it('refuses any other bytes by InvalidRequestError alone', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeOtlpProtobuf(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidRequestError' });
        }
      }),
    );
  });

  it('rejects a span without ids alone', () => {
    const { spans, rejectedCount } = decodeOtlpProtobuf(request(createProtobufWriter().text(5, 'nameless')));

    expect({ spans, rejectedCount }).toEqual({ spans: [], rejectedCount: 1 });
  });

  it('refuses a value that is nested beyond what a reader can follow', () => {
    let value = createProtobufWriter().text(1, 'deep');
    for (let depth = 0; depth < 70; depth += 1) {
      value = createProtobufWriter().message(5, createProtobufWriter().message(1, value));
    }
    const attribute = createProtobufWriter().text(1, 'key').message(2, value);

    expect(() => decodeOtlpProtobuf(request(createProtobufWriter().message(9, attribute)))).toThrow(/64 levels deep/);
  });

  it('refuses text that is not UTF-8, and a message where a number must be', () => {
    const body = Buffer.from('0a0712051203' + '2a01ff', 'hex');

    expect(() => decodeOtlpProtobuf(body)).toThrow(/not text in UTF-8/);
    expect(() => decodeOtlpProtobuf(request(createProtobufWriter().text(7, 'noon')))).toThrow(/field 7 is delimited/);
  });
});
