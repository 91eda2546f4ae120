import { describe, expect, it } from 'vitest';
import {
  decodeGroundTruth,
  decodeOpenInference,
  decodePredictRequest,
  toBatch,
} from '../../../../../shared/core/inference/index.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';

const signature = {
  task: 'binary-classification',
  inputs: [
    { name: 'distance', datatype: 'FP32', shape: [-1, 1], nullable: false },
    { name: 'share', datatype: 'FP32', shape: [-1, 1], nullable: true },
    { name: 'origin', datatype: 'BYTES', shape: [-1, 1], nullable: false },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
} as const;

const features = { distance: 400, share: null, origin: 'ABQ' };
const refusal = (body: unknown): string => {
  try {
    decodePredictRequest(signature, body);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequestError);
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

describe('decodePredictRequest', () => {
  it('takes one row and makes columns of it, missing values as NaN', () => {
    const { instances, single } = decodePredictRequest(signature, { features, predictionId: 'flight-7' });
    const batch = toBatch(
      signature,
      instances.map((instance) => instance.features),
    );

    expect(single).toBe(true);
    expect(instances[0]?.predictionId).toBe('flight-7');
    expect(batch.columns).toEqual({
      distance: Float32Array.of(400),
      share: Float32Array.of(Number.NaN),
      origin: ['ABQ'],
    });
  });

  it.each([
    ['no object', [1], /the body must be a JSON object/],
    ['null', null, /the body must be a JSON object/],
    ['missing features', { features: { distance: 1 } }, /body\.features lacks share, origin/],
    [
      'an extra feature',
      { features: { ...features, gate: 'B4' } },
      /unknown key "gate"; allowed: distance, share, origin/,
    ],
    [
      'a wrong type',
      { features: { ...features, distance: '400' } },
      /body\.features\.distance must be a finite number.*got "400"/,
    ],
    ['a list for a value', { features: { ...features, distance: [400] } }, /got \[400\]/],
    ['null where none may be', { features: { ...features, distance: null } }, /features\.distance must be .*got null/],
    ['a number beyond float32', { features: { ...features, distance: 1e39 } }, /range of float32/],
    ['infinity from 1e999', { features: { ...features, distance: Number.POSITIVE_INFINITY } }, /finite/],
    ['NaN', { features: { ...features, distance: Number.NaN } }, /finite/],
    ['text for a category that is none', { features: { ...features, origin: 3 } }, /features\.origin must be text/],
    ['a bad id', { features, predictionId: 'a b' }, /predictionId must match/],
    ['an unknown key', { features, verbose: true }, /unknown key "verbose"/],
    ['no instances', { instances: [] }, /1 to 500 rows, got 0/],
    ['too many instances', { instances: Array(501).fill({ features }) }, /got 501/],
    [
      '__proto__ as a feature',
      JSON.parse('{"features":{"distance":1,"share":1,"origin":"A","__proto__":1}}'),
      /unknown key "__proto__"/,
    ],
  ])('refuses %s', (_name, body, message) => {
    expect(refusal(body)).toMatch(message);
  });
});

describe('decodeOpenInference', () => {
  const tensor = (name: string, data: unknown, datatype = 'FP32', shape: unknown = [2, 1]) => ({
    name,
    shape,
    datatype,
    data,
  });
  const inputs = [tensor('distance', [1, 2]), tensor('share', [[0.5], [null]]), tensor('origin', ['A', 'B'], 'BYTES')];

  it('takes flat and nested data', () => {
    const { rows, id } = decodeOpenInference(signature, { id: 'x', inputs });

    expect(id).toBe('x');
    expect(rows).toEqual([
      { distance: 1, share: 0.5, origin: 'A' },
      { distance: 2, share: null, origin: 'B' },
    ]);
  });

  it.each([
    ['a missing input', { inputs: inputs.slice(1) }, /inputs lack distance/],
    ['an unknown input', { inputs: [...inputs, tensor('gate', [1, 2])] }, /no input "gate"/],
    ['a repeated input', { inputs: [...inputs, inputs[0]] }, /not repeat/],
    [
      'a wrong datatype',
      { inputs: [tensor('distance', [1, 2], 'INT64'), ...inputs.slice(1)] },
      /datatype FP32, got "INT64"/,
    ],
    ['a wrong count', { inputs: [tensor('distance', [1]), ...inputs.slice(1)] }, /has 1 values for 2 rows/],
    ['a wrong shape', { inputs: [tensor('distance', [1, 2], 'FP32', [2, 2]), ...inputs.slice(1)] }, /must have shape/],
    [
      'deep nesting',
      { inputs: [tensor('distance', [[[1]], [[2]]]), ...inputs.slice(1)] },
      /input distance, row 0, .*got \[1\]/,
    ],
    ['a name that no text can be made of', { inputs: [{ name: { toString: 1 } }] }, /inputs\[0\]\.name must be text/],
    [
      'the binary extension',
      { inputs, parameters: { binary_data_output: true } },
      /binary tensor extension is not supported/,
    ],
    ['an unknown output', { inputs, outputs: [{ name: 'label' }] }, /no output "label"; it has probability/],
    ['no inputs', {}, /inputs must be a list/],
  ])('refuses %s', (_name, body, message) => {
    expect(() => decodeOpenInference(signature, body)).toThrow(message);
  });
});

describe('decodeGroundTruth', () => {
  const limits = { task: 'binary-classification', nowMs: 1_000_000_000_000 } as const;

  it('takes one label or many', () => {
    const body = {
      labels: [
        { predictionId: 'a', label: 1, knownAt: '2001-02-01T00:00:00Z' },
        { predictionId: 'b', label: 0 },
      ],
    };

    expect(decodeGroundTruth(body, limits)).toEqual([
      { predictionId: 'a', label: 1, knownAtMs: 980_985_600_000 },
      { predictionId: 'b', label: 0, knownAtMs: 1_000_000_000_000 },
    ]);
  });

  it('takes what a caller whose clock is ahead knows as known now', () => {
    const body = { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:40Z' };

    expect(decodeGroundTruth(body, limits)).toEqual([{ predictionId: 'a', label: 1, knownAtMs: 1_000_000_000_000 }]);
  });

  it.each([
    ['a share as a class', { predictionId: 'a', label: 0.5 }, /label must be 0 or 1, got 0\.5/],
    ['text', { predictionId: 'a', label: 'late' }, /got "late"/],
    ['the future', { predictionId: 'a', label: 1, knownAt: '2101-01-01T00:00:00Z' }, /not in the future/],
    ['more than five minutes ahead', { predictionId: 'a', label: 1, knownAt: '2001-09-09T01:51:41Z' }, /future/],
    ['no id', { label: 1 }, /predictionId must be/],
    ['an empty list', { labels: [] }, /list of 1 to 500, got 0/],
  ])('refuses %s', (_name, body, message) => {
    expect(() => decodeGroundTruth(body, limits)).toThrow(message);
  });
});
