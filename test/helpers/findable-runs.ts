import { expect } from 'vitest';
import type { Field } from '../../shared/core/tracking/index.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';
import { wholeWalk } from './tracked-runs.ts';

export interface Placed {
  readonly runId: string;
  readonly startTimeMs: number;
  readonly value: number | string;
}

const compareValues = (a: number | string, b: number | string): number => {
  if (typeof a === 'string' || typeof b === 'string') return Buffer.compare(Buffer.from(`${a}`), Buffer.from(`${b}`));
  return a - b;
};
/** By value, NaN last either way; equal values by start time descending, then run id. */
export const naiveOrder = (entries: readonly Placed[], ascending: boolean): readonly Placed[] =>
  entries.toSorted((x, y) => {
    const [xNaN, yNaN] = [Number.isNaN(x.value), Number.isNaN(y.value)];
    const byValue = xNaN || yNaN ? Number(xNaN) - Number(yNaN) : compareValues(x.value, y.value) * (ascending ? 1 : -1);
    return byValue || y.startTimeMs - x.startTimeMs || (x.runId < y.runId ? -1 : 1);
  });

interface Expected extends Placed {
  readonly field: Field;
}

/** A few keys stand for the others of a run with many. */
const SAMPLE = /^(m(0|1|44|99)|k(0|42|99)|g|p\d*)$/;

const expectedOf = async (store: TrackingStore, runIds: readonly string[], hot: ReadonlySet<string>) => {
  const runs = await store.index.readRuns(runIds);
  return runs.flatMap(({ info: { runId, startTimeMs }, metrics, params, tags }): readonly Expected[] => {
    const ofMetrics = hot.has(runId) ? [] : Object.values(metrics).map(({ key, value }) => [key, value] as const);
    const placed =
      (kind: Field['kind']) =>
      ([key, value]: readonly [string, number | string]): Expected => ({
        field: { kind, key },
        runId,
        startTimeMs,
        value,
      });
    return [
      ...ofMetrics.map(placed('metric')),
      ...Object.entries(params).map(placed('param')),
      ...Object.entries(tags).map(placed('tag')),
    ].filter(({ field }) => SAMPLE.test(field.key));
  });
};

/**
 * Each run stands in each index at the value that it has; but for the metrics of hot runs.
 * @param given `stale`: other entries may stand there too, as after a crash; `pageSize` of the walks.
 */
export const expectFindable = async (
  store: TrackingStore,
  runIds: readonly string[],
  given: { readonly stale?: boolean; readonly pageSize?: number } = {},
): Promise<void> => {
  const hot = new Set(await store.index.hotRuns('0'));
  const all = await expectedOf(store, runIds, hot);
  const fields = new Map(all.map(({ field }) => [JSON.stringify(field), field]));
  for (const [name, field] of fields) {
    const expected = all.filter((one) => JSON.stringify(one.field) === name).map(({ field: _, ...entry }) => entry);
    const isTrue = (entry: Placed): boolean =>
      expected.some(({ runId, value }) => runId === entry.runId && Object.is(value, entry.value));
    for (const ascending of [true, false]) {
      const walked = await wholeWalk(store, { experimentId: '0', field, ascending }, given.pageSize);
      const cold = walked.filter((entry) => field.kind !== 'metric' || !hot.has(entry.runId));
      const entries = given.stale ? cold.filter(isTrue) : cold;
      expect(entries, `${name} ${ascending}`).toEqual(naiveOrder(expected, ascending));
    }
  }
};
