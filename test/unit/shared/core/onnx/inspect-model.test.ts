import { describe, expect, it } from 'vitest';
import { inspectModel, onnxRelease } from '../../../../../shared/core/onnx/index.ts';
import { signatureOf, trainGradientBoostedTrees, writeOnnx } from '../../../../../shared/core/training/index.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';
import { fc } from '../../../../helpers/properties.ts';
import { readOnnxFixture } from '../../../../reference/onnx/fixtures.ts';

/** A model of our own trainer, small. */
const ownModel = () => {
  const rows = Array.from({ length: 60 }, (_, i) => i);
  const model = trainGradientBoostedTrees({
    task: 'binary-classification',
    features: [
      { name: 'x', type: 'number', nullable: true },
      { name: 'kind', type: 'category', nullable: false },
    ],
    columns: new Map<string, Float64Array | string[]>([
      ['x', Float64Array.from(rows)],
      ['kind', rows.map((i) => 'ab'[i % 2] ?? '')],
    ]),
    label: Float64Array.from(rows, (i) => Number(i > 30)),
    settings: {
      rounds: 3,
      maxLeaves: 4,
      learningRate: 0.1,
      minRowsPerLeaf: 5,
      l2: 1,
      earlyStoppingRounds: 0,
      seed: 1,
    },
  });
  return { bytes: writeOnnx(model), signature: signatureOf(model) };
};

describe('inspecting a model', () => {
  it('reads what our own trainer wrote', () => {
    const { bytes, signature } = ownModel();

    const model = inspectModel(bytes);

    expect(model.inputs.map(({ name, elementType }) => [name, elementType])).toEqual([
      ['x', 'FLOAT'],
      ['kind', 'STRING'],
    ]);
    expect(model.outputs.map(({ name }) => name)).toEqual(signature.outputs.map(({ name }) => name));
    expect(model.opsets).toEqual(
      new Map([
        ['', 17],
        ['ai.onnx.ml', 3],
      ]),
    );
    expect(onnxRelease(model)).toBe('1.12.0');
    expect([model.danglingValues, model.duplicateNames, model.cycle, model.externalTensors]).toEqual([[], [], [], []]);
  });

  it.each(['linear', 'branches'])('reads what Python’s onnx wrote and its checker accepted: %s', (name) => {
    const { bytes, says } = readOnnxFixture(name);

    const model = inspectModel(bytes);

    expect({
      irVersion: model.irVersion,
      opset: model.opsets.get(''),
      inputs: model.inputs.map((input) => [input.name, input.elementType, input.shape]),
      outputs: model.outputs.map((output) => [output.name, output.elementType]),
      nodeCount: model.nodeCount,
      initializerCount: model.initializerCount,
      operators: model.operators,
    }).toEqual(says);
    expect([model.danglingValues, model.duplicateNames, model.cycle, model.externalTensors]).toEqual([[], [], [], []]);
  });

  it.each([
    ['dangling', { danglingValues: ['nowhere'] }],
    ['cycle', { cycle: ['a', 'b'] }],
    ['duplicate', { duplicateNames: ['y'] }],
    ['external', { externalTensors: [{ name: 'w', location: 'weights.bin' }] }],
    ['untyped', { inputs: [{ name: 'x', kind: 'none' }] }],
    ['custom-domain', { operators: ['com.example:Magic'] }],
    ['dangling-in-branch', { danglingValues: ['nowhere'] }],
  ])('says what is wrong with a model that is %s', (name, expected) => {
    expect(inspectModel(readOnnxFixture(name).bytes)).toMatchObject(expected);
  });

  it.each([
    ['nothing', new Uint8Array(), 'it has no graph'],
    ['text', new TextEncoder().encode('hello, world'), 'not'],
    ['a length beyond the end', Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f), 'beyond its end'],
    ['a number that never ends', new Uint8Array(40).fill(0xff), 'more than ten bytes'],
  ])('refuses %s', (_what, bytes, reason) => {
    expect(() => inspectModel(bytes)).toThrow(InvalidRequestError);
    expect(() => inspectModel(bytes)).toThrow(reason);
  });

  it('refuses graphs nested without an end, before the stack is', () => {
    let graph = new Uint8Array();
    const delimited = (field: number, content: Uint8Array): Uint8Array<ArrayBuffer> => {
      const length: number[] = [];
      let rest = content.length;
      for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) | 128);
      return Uint8Array.from([field * 8 + 2, ...length, rest, ...content]);
    };
    for (let depth = 0; depth < 40; depth += 1) graph = delimited(1, delimited(5, delimited(6, graph)));

    expect(() => inspectModel(delimited(7, graph))).toThrow('nested more than 16 levels');
  });

  it('answers or refuses whatever becomes of a model’s bytes, and soon', () => {
    const { bytes } = ownModel();
    const change = fc.record({ at: fc.nat(bytes.length - 1), value: fc.nat(255) });
    const changed = fc.record({ changes: fc.array(change, { minLength: 1, maxLength: 8 }), cut: fc.nat(bytes.length) });

    fc.assert(
      fc.property(changed, ({ changes, cut }) => {
        const mutated = bytes.slice(0, bytes.length - (cut % 7 === 0 ? cut : 0));
        for (const { at, value } of changes) if (at < mutated.length) mutated[at] = value;
        try {
          inspectModel(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }),
    );
  });
});
