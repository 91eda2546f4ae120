import { describe, expect, it } from 'vitest';
import { chunksOf } from '../../../../../../shared/adapters/dynamodb/tracking/history-chunk.ts';
import { countOf } from '../../../../../../shared/adapters/dynamodb/tracking/index-entries.ts';
import { trackingKeys } from '../../../../../../shared/adapters/dynamodb/tracking/keys.ts';
import type { MetricsDocument } from '../../../../../../shared/adapters/dynamodb/tracking/run-document.ts';
import {
  assertSameRun,
  nextRunStep,
  planMetrics,
  runDocumentOf,
} from '../../../../../../shared/adapters/dynamodb/tracking/run-plan.ts';
import { aRun, point } from '../../../../../helpers/tracked-runs.ts';

const owner = { keys: trackingKeys('w'), experimentId: '0', startTimeMs: 5_000, runId: 'r' };
const stored: MetricsDocument = {
  lifecycleStage: 'active',
  metrics: {},
  longestSpanMs: 40,
  longestStepSpan: 3,
  writeCount: 0,
};
const AT = { nowMs: 77, runBytes: 1_000 };
const metricsOf = (count: number, value: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, point(`m${i}`, value)]));
const plan = (before: MetricsDocument, metrics: ReturnType<typeof metricsOf>) =>
  planMetrics(owner, before, { ...aRun('r'), metrics }, chunksOf(Object.values(metrics)), AT);

describe('what a write of metrics writes', () => {
  it('moves the entries of a cold run', () => {
    const { document, entries, becomesHot } = plan({ ...stored, metrics: metricsOf(2, 1) }, metricsOf(2, 2));

    expect(countOf(entries)).toBe(4);
    expect(document).toMatchObject({ writeCount: 1, longestSpanMs: 40 });
    expect(becomesHot).toBe(false);
  });

  it('leaves the entries where they are from the tenth write on, and by more than 40 entries', () => {
    const tenth = plan({ ...stored, metrics: metricsOf(2, 1), writeCount: 9 }, metricsOf(2, 2));
    const wide = plan(stored, metricsOf(41, 2));

    expect(tenth).toMatchObject({ becomesHot: true, entries: { put: [], delete: [] } });
    expect(tenth.document?.hot).toEqual({ sinceMs: 77, indexed: { m0: 1, m1: 1 } });
    expect(wide.document?.hot).toEqual({ sinceMs: 77, indexed: {} });
    expect(plan(stored, metricsOf(40, 2)).becomesHot).toBe(false);
  });

  it('spares a run of a large document writing it with each metric', () => {
    const target = { ...aRun('r'), metrics: metricsOf(1, 2) };
    const hotWith = (runBytes: number) =>
      planMetrics(owner, stored, target, chunksOf([point('m0', 2)]), { ...AT, runBytes }).becomesHot;

    expect([hotWith(4_096), hotWith(4_097)]).toEqual([false, true]);
  });

  it('remembers what a hot run has in the index, whatever is written', () => {
    const hot = { sinceMs: 1, indexed: { m0: 0 } };

    const { document, entries, becomesHot } = plan({ ...stored, metrics: metricsOf(1, 1), hot }, metricsOf(1, 3));

    expect(document).toMatchObject({ hot, metrics: { m0: { value: 3 } } });
    expect([countOf(entries), becomesHot]).toEqual([0, false]);
  });

  it('is nothing when nothing changes, and the document even for points that are not the latest', () => {
    const before = { ...stored, metrics: metricsOf(1, Number.NaN) };
    const target = { ...aRun('r'), metrics: metricsOf(1, Number.NaN) };

    expect(planMetrics(owner, before, target, [], AT).document).toBeUndefined();
    expect(planMetrics(owner, before, target, chunksOf([point('m0', 1)]), AT).document).toBeDefined();
  });

  it("takes the run's stage over without counting it as a write", () => {
    const target = aRun('r', { info: { lifecycleStage: 'deleted' } });

    expect(planMetrics(owner, stored, target, [], AT).document).toEqual({ ...stored, lifecycleStage: 'deleted' });
  });
});

describe('steps of a change', () => {
  const params = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`p${i}`, 'v']));
  const before = runDocumentOf(aRun('r', { tags: { gone: 'x', stays: 'y' } }), []);
  const target = runDocumentOf(aRun('r', { params, tags: { stays: 'z' }, info: { status: 'FINISHED' } }), []);

  it('are one when it fits', () => {
    expect(nextRunStep(owner, before, target, { capacity: 10, lastCapacity: 28 })).toMatchObject({
      document: target,
      last: true,
    });
  });

  it('lead to the target, each with the entries that it changes', () => {
    let now = before;
    const counts: number[] = [];
    for (let last = false; !last; ) {
      const step = nextRunStep(owner, now, target, { capacity: 10, lastCapacity: 9 });
      counts.push(countOf(step.entries));
      if (!step.last) expect(step.document.info).toEqual(before.info);
      now = step.document;
      last = step.last;
    }

    expect(counts).toEqual([10, 10, 8]);
    expect(now).toBe(target);
  });
});

it('refuses a change of what the keys hold', () => {
  const document = runDocumentOf(aRun('r'), []);

  expect(() => assertSameRun(document, aRun('r', { info: { startTimeMs: 1 } }))).toThrow(/must keep its id/);
  expect(() => assertSameRun(document, aRun('r', { info: { status: 'FAILED' } }))).not.toThrow();
});
