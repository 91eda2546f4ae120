import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../../../../shared/core/inference/index.ts';
import { type InterpretedModel, interpretModel } from '../../../../../shared/core/interpreter/index.ts';
import { InvalidRequestError } from '../../../../../shared/kernel/errors.ts';
import { drawCase } from '../../../../helpers/drawn-models/draw-case.ts';
import { type DrawnModel, onnxBytes } from '../../../../helpers/drawn-models/onnx-bytes.ts';
import { fc } from '../../../../helpers/properties.ts';

/** Damaged models of one run; more with `DAMAGED=20000 vitest run …`. */
const DAMAGED = Number(process.env.DAMAGED ?? 200);

const fp32 = (name: string, values: readonly number[], shape: readonly number[]): Tensor => ({
  name,
  datatype: 'FP32',
  shape,
  data: Float32Array.from(values),
});

/** y = sigmoid(2x + 1), and z = x under another name. */
const LINE: DrawnModel = {
  nodes: [
    { operator: 'Sigmoid', inputs: ['shifted'], outputs: ['y'] },
    { operator: 'Add', inputs: ['scaled', 'one'], outputs: ['shifted'] },
    { operator: 'Mul', inputs: ['x', 'two'], outputs: ['scaled'] },
    { operator: 'Identity', inputs: ['x'], outputs: ['z'] },
    { operator: 'SomethingElse', inputs: ['x'], outputs: ['unread'] },
  ],
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
  outputs: [
    { name: 'y', datatype: 'FP32', shape: [-1, 1] },
    { name: 'z', datatype: 'FP32', shape: [-1, 1] },
  ],
  constants: [fp32('one', [1], []), fp32('two', [2], [])],
};

const interpreted = (model: DrawnModel): InterpretedModel => {
  const result = interpretModel(onnxBytes(model));
  if ('refused' in result) throw new Error(result.refused);
  return result.model;
};

const refusal = (model: DrawnModel): string => {
  const result = interpretModel(onnxBytes(model));
  return 'refused' in result ? result.refused : 'not refused';
};

/** Two trees: x0 <= 1 ? 1 : 2, and x1 <= 0 ? 10 : 20, NaN with the first. */
const TREES: DrawnModel = {
  nodes: [
    {
      operator: 'ai.onnx.ml:TreeEnsembleRegressor',
      inputs: ['x'],
      outputs: ['y'],
      attributes: {
        nodes_treeids: { ints: [0, 0, 0, 7, 7, 7] },
        nodes_nodeids: { ints: [0, 1, 2, 0, 1, 2] },
        nodes_featureids: { ints: [0, 0, 0, 1, 0, 0] },
        nodes_modes: { texts: ['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF'] },
        nodes_values: { floats: [1, 0, 0, 0, 0, 0] },
        nodes_truenodeids: { ints: [1, 0, 0, 1, 0, 0] },
        nodes_falsenodeids: { ints: [2, 0, 0, 2, 0, 0] },
        nodes_missing_value_tracks_true: { ints: [1, 0, 0, 1, 0, 0] },
        target_treeids: { ints: [0, 0, 7, 7] },
        target_nodeids: { ints: [1, 2, 1, 2] },
        target_ids: { ints: [0, 0, 0, 0] },
        target_weights: { floats: [1, 2, 10, 20] },
        n_targets: { int: 1 },
      },
    },
  ],
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
};

const withAttribute = (name: string, value: object | undefined): DrawnModel => {
  const [node] = TREES.nodes;
  const { [name]: _, ...others } = node!.attributes!;
  return {
    ...TREES,
    nodes: [{ ...node!, attributes: (value === undefined ? others : { ...others, [name]: value }) as never }],
  };
};

describe('an interpreted model', () => {
  it('says what it takes and gives as the graph does', () => {
    const model = interpreted(LINE);

    expect(model.inputs).toEqual(LINE.inputs);
    expect(model.outputs).toEqual(LINE.outputs);
  });

  it('runs nodes in the order they need, whatever order they stand in', () => {
    const [y] = interpreted(LINE).run([fp32('x', [0, -0.5], [2, 1])]);

    expect(y).toEqual(fp32('y', [1 / (1 + Math.exp(-1)), 0.5], [2, 1]));
  });

  it('gives the outputs that are asked for, in that order', () => {
    const model = interpreted(LINE);

    const outputs = model.run([fp32('x', [3], [1, 1])], ['z', 'y', 'z']);

    expect(outputs.map(({ name }) => name)).toEqual(['z', 'y', 'z']);
    expect(outputs[0]?.data).toEqual(Float32Array.of(3));
    expect(() => model.run([fp32('x', [3], [1, 1])], ['w'])).toThrow('the model has no output w; it has y, z');
  });

  it('keeps each answer to itself', () => {
    const model = interpreted(TREES);

    const [first] = model.run([fp32('x', [0, 0], [1, 2])]);
    model.run([fp32('x', [5, 5], [1, 2])]);

    expect(first?.data).toEqual(Float32Array.of(11));
  });

  it.each([
    ['a missing input', [], 'the model takes 1 inputs, got 0'],
    [
      'another datatype',
      [{ ...fp32('x', [1], [1, 1]), datatype: 'FP64' as const }],
      'input x must have datatype FP32, got FP64',
    ],
    ['another rank', [fp32('x', [1], [1])], 'input x must have shape [-1,1], got [1]'],
    ['another width', [fp32('x', [1, 2], [1, 2])], 'input x must have shape [-1,1], got [1,2]'],
    ['too few values', [fp32('x', [1], [2, 1])], 'input x must have 2 FP32 values for shape [2,1], got 1'],
    [
      'values of another kind',
      [{ ...fp32('x', [1], [1, 1]), data: Float64Array.of(1) }],
      'input x must have 1 FP32 values',
    ],
  ])('refuses %s', (_, inputs, message) => {
    const model = interpreted(LINE);

    expect(() => model.run(inputs)).toThrow(InvalidRequestError);
    expect(() => model.run(inputs)).toThrow(message);
  });

  it('answers no rows with no rows', () => {
    const [y] = interpreted(TREES).run([fp32('x', [], [0, 2])]);

    expect(y).toEqual(fp32('y', [], [0, 1]));
  });
});

describe('the trace of a prediction', () => {
  it('shows what each node read and gave', () => {
    const { nodes, outputs } = interpreted(LINE).trace([fp32('x', [0], [1, 1])]);

    expect(nodes.map(({ operator }) => operator)).toEqual(['Mul', 'Add', 'Sigmoid', 'Identity']);
    expect(nodes[1]).toEqual({
      name: 'Add/shifted',
      operator: 'Add',
      inputs: [
        { name: 'scaled', datatype: 'FP32', shape: [1, 1], values: [0] },
        { name: 'one', datatype: 'FP32', shape: [], values: [1] },
      ],
      outputs: [{ name: 'shifted', datatype: 'FP32', shape: [1, 1], values: [1] }],
    });
    expect(outputs.map(({ name }) => name)).toEqual(['y', 'z']);
  });

  it('shows the leaf of each tree and what it adds', () => {
    const [node] = interpreted(TREES).trace([fp32('x', [1, 1, Number.NaN, -3], [2, 2])]).nodes;

    expect(node?.trees).toEqual([
      {
        row: 0,
        trees: [
          { tree: 0, leaf: 1, weights: [{ target: 0, weight: 1 }] },
          { tree: 7, leaf: 2, weights: [{ target: 0, weight: 20 }] },
        ],
      },
      {
        row: 1,
        trees: [
          { tree: 0, leaf: 1, weights: [{ target: 0, weight: 1 }] },
          { tree: 7, leaf: 1, weights: [{ target: 0, weight: 10 }] },
        ],
      },
    ]);
  });

  it('is bounded, however large the request', () => {
    const rows = 500;
    const { nodes } = interpreted(TREES).trace([fp32('x', new Array(2 * rows).fill(0), [rows, 2])]);

    expect(nodes[0]?.inputs[0]?.values).toHaveLength(32);
    expect(nodes[0]?.trees).toHaveLength(4);
  });
});

describe('what is not interpreted', () => {
  const single = (node: Partial<DrawnModel['nodes'][number]>, model: Partial<DrawnModel> = {}): DrawnModel => ({
    nodes: [{ operator: 'Neg', inputs: ['x'], outputs: ['y'], ...node }],
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: [-1] }],
    ...model,
  });

  it.each([
    ['an operator', single({ operator: 'Conv' }), 'node Conv/y (Conv): operator Conv is not interpreted'],
    [
      'an operator named as a property of every object',
      single({ operator: 'constructor' }),
      'operator constructor is not interpreted',
    ],
    ['an opset beyond those checked', single({}, { opset: 99 }), 'opset 99 is not interpreted, only 6 to 25'],
    ['an attribute', single({ attributes: { strange: { int: 1 } } }), 'attribute strange is not interpreted'],
    [
      'a datatype',
      single({ operator: 'Exp' }, { inputs: [{ name: 'x', datatype: 'INT32', shape: [-1] }] }),
      'input 0 of datatype INT32 is not interpreted, only FP32, FP64',
    ],
    [
      'an element type',
      single({}, { inputs: [{ name: 'x', datatype: 'FP16', shape: [-1] }] }),
      'value x: element type 10 is not interpreted',
    ],
    [
      'an output of another type',
      single({}, { outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }] }),
      'output y is FP32, the model says INT64',
    ],
    ['a value that nothing gives', single({ inputs: ['w'] }), 'nothing gives w'],
    [
      'nodes that wait for each other',
      single({ operator: 'Add', inputs: ['x', 'y'] }),
      'nodes of the graph wait for each other',
    ],
  ])('names %s', (_, model, message) => {
    expect(refusal(model)).toContain(message);
  });

  it('leaves dense layers beyond 4,096 weights to onnxruntime', () => {
    const dense = (inner: number): DrawnModel => ({
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, inner] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 128] }],
      constants: [fp32('w', new Array(inner * 128).fill(0), [inner, 128])],
    });

    expect(refusal(dense(33))).toBe('a row takes 4224 multiplications with constants, 4096 are interpreted');
    expect(refusal(dense(32))).toBe('not refused');
  });

  it('does not let a small file unfold into all of the memory', () => {
    const shape: Tensor = { name: 'shape', datatype: 'INT64', shape: [2], data: BigInt64Array.of(100_000n, 100_000n) };

    expect(refusal(single({ operator: 'ConstantOfShape', inputs: ['shape'] }, { constants: [shape] }))).toContain(
      'a tensor may have 16777216 elements, shape [100000,100000] has 10000000000',
    );
  });

  it.each([
    [
      'nodes_modes',
      { texts: ['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_IN', 'LEAF', 'LEAF'] },
      'known words are BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, BRANCH_EQ, BRANCH_NEQ, LEAF, got BRANCH_IN',
    ],
    ['nodes_truenodeids', { ints: [0, 0, 0, 1, 0, 0] }, 'a tree has a loop'],
    ['nodes_truenodeids', { ints: [9, 0, 0, 1, 0, 0] }, 'tree 0 has no node 9'],
    ['nodes_nodeids', { ints: [0, 1, 1, 0, 1, 2] }, 'tree 0 has node 1 twice'],
    ['nodes_treeids', { ints: [0, 0, 7, 0, 7, 7] }, 'the nodes of tree 0 do not stand together'],
    ['nodes_featureids', { ints: [-1, 0, 0, 1, 0, 0] }, 'a node asks for feature -1'],
    ['nodes_values', { floats: [1] }, 'the attributes of its nodes differ in length'],
    ['target_ids', { ints: [0, 0, 0, 1] }, 'a weight is for target 1 of 1'],
    ['target_weights', { floats: [1, 2, 10] }, 'the attributes of its weights differ in length'],
    ['n_targets', undefined, 'targets or classes must be 1 to 1048576, got 0'],
    [
      'aggregate_function',
      { text: 'MEDIAN' },
      'attribute aggregate_function must be one of SUM, AVERAGE, MIN, MAX, got MEDIAN',
    ],
    ['base_values', { floats: [1, 2] }, 'base_values must have 0 or 1 values, got 2'],
  ])('refuses trees whose %s are %j', (name, value, message) => {
    expect(refusal(withAttribute(name, value))).toContain(message);
  });

  it('takes a row too narrow for the trees as the mistake it is', () => {
    const wider = { ...TREES, inputs: [{ name: 'x', datatype: 'FP32' as const, shape: [-1, -1] }] };

    expect(() => interpreted(wider).run([fp32('x', [1], [1, 1])])).toThrow(
      'trees take a tensor of shape [rows, 2 or more features], got [1,1]',
    );
  });
});

describe('bytes that are no model', () => {
  it.each([
    ['nothing', [], 'the file is not an ONNX model: it has no graph'],
    ['text', [...Buffer.from('hello, world')], 'the file is not an ONNX model'],
    ['a number without an end', [0xff, 0xff], 'it ends within a number'],
    ['a length beyond the end', [0x3a, 0x7f, 0x00], 'a field of 127 bytes goes beyond its end'],
    ['a length below 0', [0x3a, ...new Array(9).fill(0xff), 0x01], 'a field of -1 bytes goes beyond its end'],
    ['a number of eleven bytes', new Array(11).fill(0xff), 'a number has more than ten bytes'],
  ])('refuses %s', (_, bytes, message) => {
    const result = interpretModel(Uint8Array.from(bytes));

    expect('refused' in result && result.refused).toContain(message);
  });

  it('refuses or runs any damaged model, and never fails otherwise', { timeout: 30_000 + DAMAGED * 20 }, () => {
    const damage = fc.record({
      seed: fc.nat(300),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.nat(255),
      cut: fc.boolean(),
    });

    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        const { model, inputs } = drawCase(damages[0]!.seed);
        let bytes = onnxBytes(model);
        for (const { at, to, cut } of damages) {
          const place = Math.floor(at * (bytes.length - 1));
          if (cut) bytes = Uint8Array.of(...bytes.subarray(0, place), ...bytes.subarray(place + 1 + (to % 4)));
          else bytes[place] = to;
        }
        const result = interpretModel(bytes);
        if ('refused' in result) return;
        try {
          result.model.run(inputs);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidRequestError);
        }
      }),
      { numRuns: DAMAGED },
    );
  });
});
