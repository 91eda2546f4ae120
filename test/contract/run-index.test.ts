import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../shared/core/tracking/index.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { expectFindable, naiveOrder, type Placed } from '../helpers/findable-runs.ts';
import { fc } from '../helpers/properties.ts';
import { anExperiment, aRun, ending, logging, logMetrics, point, wholeWalk } from '../helpers/tracked-runs.ts';
import { newWorkspace, trackingSubjects } from '../helpers/tracking-subjects.ts';
import { startTrackingTable, type TrackingTable } from '../helpers/tracking-table.ts';

let table: TrackingTable;
beforeAll(async () => {
  table = await startTrackingTable();
});
afterAll(() => table.stop());

const subjects = trackingSubjects(() => table);

const metric = (key: string) => ({ kind: 'metric', key }) as const;
const param = (key: string) => ({ kind: 'param', key }) as const;
const tag = (key: string) => ({ kind: 'tag', key }) as const;
const START_TIME = { kind: 'attribute', key: 'start_time' } as const;
const idsOf = (entries: readonly { readonly runId: string }[]) => entries.map(({ runId }) => runId);

const WRITE_KINDS = ['metric', 'metrics', 'tag', 'untag', 'param', 'end', 'start'] as const;
interface RandomWrite {
  readonly runId: string;
  readonly kind: (typeof WRITE_KINDS)[number];
  readonly value: number;
}

const apply = (store: TrackingStore, { runId, kind, value }: RandomWrite, atMs: number): Promise<unknown> => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => point(`m${i}`, value, atMs, atMs));
  const writes = {
    metric: () => logMetrics(store, runId, many(1)),
    metrics: () => logMetrics(store, runId, many(45)),
    tag: () => store.changeRun(runId, logging({ tags: { g: `${value}` } })),
    untag: () => store.changeRun(runId, (run) => ({ run: { ...run, tags: {} } })),
    param: () => store.changeRun(runId, logging({ params: { [`p${atMs}`]: `${value}` } })),
    end: () => store.changeRun(runId, ending('FINISHED')),
    start: () => store.changeRun(runId, ending('RUNNING')),
  };
  return writes[kind]();
};

describe.each(subjects)('indexes on %s', (_where, open) => {
  it('order every kind of value as its order is, and page alike by any size', async () => {
    const store = open();
    const numbers = [0, -0, 1, -1, 1e-310, -1e300, Number.MAX_VALUE, 0.1, Number.NaN, Number.NaN, 2, 2, 2, 10, -10, 2];
    const texts = [
      '',
      'a',
      'aa',
      'b',
      'B',
      'ä',
      '木',
      '𝄞',
      'a\u0000',
      'a\u0001',
      'a\u0002',
      '\uffff',
      'a',
      '0',
      '~',
      'z',
    ];
    const runs = numbers.map((value, i) =>
      aRun(`run-${(i * 7) % 16}`, {
        info: { startTimeMs: 1_000 + (i % 3) * 500 },
        metrics: { m: point('m', value) },
        params: { p: texts[i]! },
        tags: { g: texts[i]! },
      }),
    );
    for (const run of runs) await store.createRun(run);
    const placed = (valueIn: (run: Run) => number | string): readonly Placed[] =>
      runs.map((run) => ({ ...run.info, value: valueIn(run) }));
    const cases = [
      { field: metric('m'), entries: placed(({ metrics }) => metrics.m!.value) },
      { field: param('p'), entries: placed(({ params }) => params.p!) },
      { field: tag('g'), entries: placed(({ tags }) => tags.g!) },
      { field: START_TIME, entries: placed(({ info }) => info.startTimeMs) },
    ];

    for (const { field, entries } of cases) {
      for (const ascending of [true, false]) {
        const request = { experimentId: '0', field, ascending };
        const expected = naiveOrder(entries, ascending).map(({ runId, startTimeMs, value }) => ({
          runId,
          startTimeMs,
          value: value === 0 ? 0 : value,
        }));
        for (const limit of [2, 5, 16]) {
          const walked = await wholeWalk(store, request, limit);
          const entries = walked.map((entry) => ({ ...entry, value: entry.value === 0 ? 0 : entry.value }));
          expect(entries, `${field.kind} by ${limit}`).toEqual(expected);
        }
      }
    }
  });

  it('walk one value, and what lies between bounds that belong to them or not', async () => {
    const store = open();
    for (const value of [1, 2, 3, 4, 5]) {
      const runId = `run-${value}`;
      const info = { startTimeMs: value * 10 };
      await store.createRun(aRun(runId, { info, metrics: { m: point('m', value) }, params: { p: `${value}` } }));
    }
    await store.createRun(aRun('run-nan', { metrics: { m: point('m', Number.NaN) } }));
    const walked = async (field: Parameters<TrackingStore['index']['walk']>[0]['field'], scale: number | 'text') => {
      const of = (value: number) => (scale === 'text' ? `${value}` : value * scale);
      const answers: string[] = [];
      for (const ascending of [true, false]) {
        for (const [low, high] of [
          [true, true],
          [false, false],
          [true, false],
          [false, true],
        ] as const) {
          const range = { from: { value: of(2), inclusive: low }, to: { value: of(4), inclusive: high } };
          const entries = await wholeWalk(store, { experimentId: '0', field, ascending, range }, 2);
          answers.push(
            idsOf(entries)
              .map((runId) => runId.slice(4))
              .join(''),
          );
        }
      }
      return answers;
    };

    const expected = ['234', '3', '23', '34', '432', '3', '32', '43'];
    expect(await walked(metric('m'), 1)).toEqual(expected);
    expect(await walked(param('p'), 'text')).toEqual(expected);
    expect(await walked(START_TIME, 10)).toEqual(expected);
    const above = { experimentId: '0', field: metric('m'), range: { from: { value: 4, inclusive: true } } };
    expect(idsOf(await wholeWalk(store, { ...above, ascending: true }, 1))).toEqual(['run-4', 'run-5', 'run-nan']);
    expect(idsOf(await wholeWalk(store, { ...above, ascending: false }, 1))).toEqual(['run-5', 'run-4', 'run-nan']);
    const equal = { from: { value: 3, inclusive: true }, to: { value: 3, inclusive: true } };
    const one = { experimentId: '0', field: metric('m'), range: equal, ascending: false };
    expect(idsOf(await wholeWalk(store, one))).toEqual(['run-3']);
  });

  it('list headers of one experiment from the latest start, as they are now', async () => {
    const store = open();
    await store.createExperiment(anExperiment('1'));
    for (let i = 0; i < 7; i += 1) await store.createRun(aRun(`run-${i}`, { info: { startTimeMs: 100 + (i % 3) } }));
    await store.createRun(aRun('elsewhere', { info: { experimentId: '1' } }));
    await store.changeRun('run-0', ending('FAILED'));

    const first = await store.index.headers({ experimentId: '0', limit: 4 });
    const { runId, startTimeMs } = first.headers.at(-1)!;
    const after = { runId, startTimeMs, value: startTimeMs };
    const second = await store.index.headers({ experimentId: '0', limit: 3, after });

    expect(idsOf(first.headers)).toEqual(['run-2', 'run-5', 'run-1', 'run-4']);
    expect(idsOf(second.headers)).toEqual(['run-0', 'run-3', 'run-6']);
    expect([first.hasMore, second.hasMore]).toEqual([true, false]);
    expect(second.headers[0]).toEqual((await store.getRun('run-0')).info);
  });

  it('find every run at every moment of any sequence of writes', async () => {
    const write = fc.record({
      runId: fc.constantFrom('run-0', 'run-1', 'run-2'),
      kind: fc.constantFrom(...WRITE_KINDS),
      value: fc.constantFrom(0, 1, -1, 2, Number.NaN),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 5, maxLength: 25 }), async (writes) => {
        const store = open();
        for (let i = 0; i < 3; i += 1) await store.createRun(aRun(`run-${i}`, { info: { startTimeMs: 10 + (i % 2) } }));
        for (const [index, write] of writes.entries()) await apply(store, write, index + 1);
        await expectFindable(store, ['run-0', 'run-1', 'run-2'], { pageSize: 2 });
        for (let i = 0; i < 3; i += 1) await store.changeRun(`run-${i}`, ending());
        expect(await store.index.hotRuns('0')).toEqual([]);
        await expectFindable(store, ['run-0', 'run-1', 'run-2']);
      }),
      { numRuns: Number(process.env.TRACKING_SEQUENCES ?? 4) },
    );
  });
});

describe('the indexes of the tracking table', () => {
  it('indexes what is searched for: not the tags that every run has', () => {
    const { index } = table.open(newWorkspace());

    const kept = [metric('a'), param('b'), tag('c'), tag('mlflow.parentRunId'), START_TIME];
    expect(kept.map((field) => index.keeps(field))).toEqual([true, true, true, true, true]);
    const others = [
      tag('mlflow.user'),
      { kind: 'attribute', key: 'status' },
      { kind: 'dataset', key: 'name' },
    ] as const;
    expect(others.map((field) => index.keeps(field))).toEqual([false, false, false]);
  });
});
