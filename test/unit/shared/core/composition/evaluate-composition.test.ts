import { describe, expect, it } from 'vitest';
import {
  type Composition,
  type CompositionNode,
  type CompositionPorts,
  evaluateComposition,
  type MemberCall,
} from '../../../../../shared/core/composition/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const composition = (nodes: readonly CompositionNode[], more: Partial<Composition> = {}): Composition => ({
  name: 'blend',
  inputs: [
    { name: 'x', type: 'number', nullable: true },
    { name: 'kind', type: 'category', nullable: true },
  ],
  nodes,
  output: nodes.at(-1)?.name ?? '',
  deadlineMs: 5_000,
  ...more,
});

const model = (name: string, more: Partial<Extract<CompositionNode, { kind: 'model' }>> = {}): CompositionNode => ({
  kind: 'model',
  name,
  model: name,
  inputs: { x: 'x' },
  timeoutMs: 2_000,
  onFailure: 'fail',
  ...more,
});

/** Members that answer x times the length of their name, unless they fail. */
const members = (
  failing: Readonly<Record<string, string>> = {},
): CompositionPorts & { readonly calls: MemberCall[]; nowMs: number } => {
  const ports = {
    calls: [] as MemberCall[],
    nowMs: 0,
    elapsedMs: () => ports.nowMs,
    predict: async (call: MemberCall) => {
      ports.calls.push(call);
      const failure = failing[call.model];
      if (failure !== undefined) throw new Error(failure);
      return { outputs: call.rows.map(({ x }) => Number(x) * call.model.length), version: 7 };
    },
  };
  return ports;
};

const mean = (of: readonly string[], more: object = {}): CompositionNode => ({
  kind: 'ensemble',
  name: 'blended',
  of,
  by: 'mean',
  minMembers: 1,
  ...more,
});

describe('a sequence', () => {
  it('hands what a transform gives to the model, and what the model gives to the next transform', async () => {
    const nodes: readonly CompositionNode[] = [
      { kind: 'transform', name: 'filled', of: 'x', steps: [{ fill: 2 }, { scale: { by: 10, plus: 1 } }] },
      model('ab', { inputs: { x: 'filled' } }),
      { kind: 'transform', name: 'late', of: 'ab', steps: [{ threshold: 40 }] },
    ];

    const { outputs, trace } = await evaluateComposition(composition(nodes), [{ x: null }, { x: 1 }], members());

    expect(outputs).toEqual([1, 0]);
    expect(trace.map(({ node, rowCount }) => [node, rowCount])).toEqual([
      ['filled', 2],
      ['ab', 2],
      ['late', 2],
    ]);
    expect(trace[1]).toMatchObject({ kind: 'model', model: 'ab', version: 7, failedCount: 0 });
  });

  it.each<[string, object, object, unknown]>([
    ['clips', { clip: { min: 0, max: 5 } }, { x: 9 }, 5],
    ['scales', { scale: { by: -1, plus: 2 } }, { x: 9 }, -7],
    ['takes logarithms', { log: { plus: 1 } }, { x: 0 }, 0],
    [
      'follows a curve between its points',
      {
        curve: [
          [0, 0],
          [10, 1],
        ],
      },
      { x: 4 },
      0.4,
    ],
    [
      'keeps to the ends of a curve beyond them',
      {
        curve: [
          [0, 0.2],
          [10, 1],
        ],
      },
      { x: -4 },
      0.2,
    ],
    ['is 1 from a threshold on', { threshold: 4 }, { x: 4 }, 1],
  ])('%s', async (_, step, row, expected) => {
    const nodes = [{ kind: 'transform', name: 'y', of: 'x', steps: [step] }] as unknown as readonly CompositionNode[];

    const { outputs } = await evaluateComposition(composition(nodes), [row as { x: number }], members());

    expect(outputs).toEqual([expected]);
  });

  it('maps categories, and fails a row whose category has no place', async () => {
    const nodes: readonly CompositionNode[] = [
      { kind: 'transform', name: 'y', of: 'kind', steps: [{ map: { values: { a: 1 } } }] },
    ];

    await expect(evaluateComposition(composition(nodes), [{ kind: 'a' }], members())).resolves.toMatchObject({
      outputs: [1],
    });
    await expect(evaluateComposition(composition(nodes), [{ kind: 'toString' }], members())).rejects.toThrow(
      'blend has no answer for row 0: the category has no place in its map',
    );
  });
});

describe('an ensemble', () => {
  it('asks its members at once', async () => {
    let open = 0;
    let most = 0;
    const ports: CompositionPorts = {
      elapsedMs: () => 0,
      predict: async ({ rows }) => {
        open += 1;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open -= 1;
        return { outputs: rows.map(() => 1), version: 1 };
      },
    };

    await evaluateComposition(composition([model('a'), model('b'), mean(['a', 'b'])]), [{ x: 1 }], ports);

    expect(most).toBe(2);
  });

  it.each([
    ['mean', undefined, 20],
    ['mean', [3, 1, 0], 12.5],
    ['median', undefined, 20],
    ['min', undefined, 10],
    ['max', undefined, 30],
  ] as const)('answers with the %s, weighted by %s', async (by, weights, expected) => {
    const nodes = [model('a'), model('bb'), model('ccc'), mean(['a', 'bb', 'ccc'], { by, weights })];

    const { outputs } = await evaluateComposition(composition(nodes), [{ x: 10 }], members());

    expect(outputs).toEqual([expected]);
  });

  it('goes on without a member that may be skipped, and says why in its trace', async () => {
    const nodes = [model('a', { onFailure: 'skip' }), model('bb'), mean(['a', 'bb'])];

    const { outputs, trace } = await evaluateComposition(composition(nodes), [{ x: 10 }], members({ a: 'is gone' }));

    expect(outputs).toEqual([20]);
    expect(trace.find(({ node }) => node === 'a')).toMatchObject({ skippedCount: 1, reason: 'a: is gone' });
  });

  it('takes the value that stands for a member that fails', async () => {
    const nodes = [model('a', { onFailure: { value: 100 } }), model('bb'), mean(['a', 'bb'])];

    const { outputs } = await evaluateComposition(composition(nodes), [{ x: 10 }], members({ a: 'is gone' }));

    expect(outputs).toEqual([60]);
  });

  it('fails when fewer members answered than must', async () => {
    const nodes = [model('a', { onFailure: 'skip' }), model('bb'), mean(['a', 'bb'], { minMembers: 2 })];

    await expect(evaluateComposition(composition(nodes), [{ x: 10 }], members({ a: 'is gone' }))).rejects.toThrow(
      'blend has no answer for row 0: 1 of 2 members answered, 2 must',
    );
  });

  it('fails as a member fails that may not', async () => {
    const nodes = [model('a'), model('bb'), mean(['a', 'bb'])];

    await expect(evaluateComposition(composition(nodes), [{ x: 1 }], members({ a: 'is gone' }))).rejects.toMatchObject({
      name: 'UnavailableError',
      message: 'blend has no answer for row 0: a: is gone',
    });
  });
});

describe('a switch', () => {
  const nodes: readonly CompositionNode[] = [
    model('a'),
    model('bb'),
    {
      kind: 'switch',
      name: 'chosen',
      on: 'kind',
      cases: [{ when: { is: 'short' }, take: 'a' }],
      otherwise: 'bb',
    },
  ];

  it('asks each model about the rows that take its branch, and about no other', async () => {
    const ports = members();
    const rows = [
      { x: 1, kind: 'short' },
      { x: 2, kind: 'long' },
      { x: 3, kind: null },
      { x: 4, kind: 'short' },
    ];

    const { outputs } = await evaluateComposition(composition(nodes), rows, ports);

    expect(outputs).toEqual([1, 4, 6, 4]);
    expect(ports.calls.map(({ model: asked, rowIndices }) => [asked, rowIndices])).toEqual([
      ['a', [0, 3]],
      ['bb', [1, 2]],
    ]);
  });

  it('does not fail for a branch that no row takes', async () => {
    const { outputs } = await evaluateComposition(
      composition(nodes),
      [{ x: 2, kind: 'long' }],
      members({ a: 'is gone' }),
    );

    expect(outputs).toEqual([4]);
  });
});

describe('time', () => {
  it('gives a member what is left of the whole, and no more than its own', async () => {
    const ports = members();
    const slow: CompositionPorts = {
      elapsedMs: ports.elapsedMs,
      predict: async (call) => {
        ports.nowMs += 700;
        return ports.predict(call);
      },
    };
    const nodes = [model('a', { timeoutMs: 900 }), model('bb', { inputs: { x: 'a' } })];

    await evaluateComposition(composition(nodes, { deadlineMs: 1_000 }), [{ x: 1 }], slow);

    expect(ports.calls.map(({ timeoutMs }) => timeoutMs)).toEqual([900, 300]);
  });

  it('asks nobody when none is left', async () => {
    const ports = members();
    const late: CompositionPorts = {
      elapsedMs: ports.elapsedMs,
      predict: async (call) => {
        ports.nowMs += 2_000;
        return ports.predict(call);
      },
    };
    const nodes = [model('a'), model('bb', { inputs: { x: 'a' } })];

    await expect(evaluateComposition(composition(nodes, { deadlineMs: 1_000 }), [{ x: 1 }], late)).rejects.toThrow(
      'blend has no answer for row 0: bb: no time is left of 1000 ms',
    );
    expect(ports.calls).toHaveLength(1);
  });
});

/** Any graph of models and means in which each node reads earlier ones. */
const anyGraph = fc
  .array(
    fc.record({
      isModel: fc.boolean(),
      reads: fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drawn) =>
    drawn.map(({ isModel, reads }, index): CompositionNode => {
      const before = ['x', ...Array.from({ length: index }, (_, i) => `n${i}`)];
      const of = [...new Set(reads.map((read) => before[read % before.length] ?? 'x'))];
      const name = `n${index}`;
      return isModel
        ? { ...model(name, { inputs: { x: of[0] ?? 'x' } }), name }
        : { kind: 'ensemble', name, of, by: 'mean', minMembers: 1 };
    }),
  );

/** The same by working every node out in the order in which it stands. */
const workedInOrder = (nodes: readonly CompositionNode[], xs: readonly number[]): readonly number[] => {
  const columns = new Map<string, readonly number[]>([['x', xs]]);
  const read = (name: string): readonly number[] => columns.get(name) ?? [];
  for (const node of nodes) {
    if (node.kind === 'model') {
      columns.set(
        node.name,
        read(node.inputs.x ?? '').map((x) => x + 1),
      );
    } else if (node.kind === 'ensemble') {
      const sum = (row: number) => node.of.reduce((total, of) => total + (read(of)[row] ?? 0), 0);
      columns.set(
        node.name,
        xs.map((_, row) => sum(row) / node.of.length),
      );
    }
  }
  return read(nodes.at(-1)?.name ?? '');
};

const readsOf = (node: CompositionNode | undefined): readonly string[] =>
  node?.kind === 'ensemble' ? node.of : node?.kind === 'model' ? Object.values(node.inputs) : [];

const rounded = (values: readonly number[]): readonly string[] => values.map((value) => value.toFixed(9));

describe('any graph', () => {
  it('has each node worked out once at most, after what it reads, whatever order its members answer in', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyGraph,
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat({ max: 3 })),
        async (nodes, xs, delays) => {
          const ports: CompositionPorts = {
            elapsedMs: () => 0,
            predict: async ({ rows }) => {
              for (let turns = delays.next().value ?? 0; turns > 0; turns -= 1) {
                await new Promise((resolve) => setImmediate(resolve));
              }
              return { outputs: rows.map(({ x }) => Number(x) + 1), version: 1 };
            },
          };
          const rows = xs.map((x) => ({ x }));

          const { outputs, trace } = await evaluateComposition(composition(nodes), rows, ports);

          expect(rounded(outputs)).toEqual(rounded(workedInOrder(nodes, xs)));
          const order = trace.map(({ node }) => node);
          expect(new Set(order).size).toBe(order.length);
          for (const [place, name] of order.entries()) {
            const later = new Set(order.slice(place));
            const sources = readsOf(nodes.find((node) => node.name === name));
            expect(sources.filter((source) => later.has(source))).toEqual([]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
