import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRolloutEvidence } from '../../shared/adapters/dynamodb/rollout-evidence.ts';
import { createMemoryRolloutEvidence } from '../../shared/adapters/memory/rollout-evidence.ts';
import type { RolloutLook } from '../../shared/core/deployment/index.ts';
import { foretell, NO_SEEN_UNITS, openJudge, updateJudge } from '../../shared/core/judging/index.ts';
import { ConflictError } from '../../shared/kernel/errors.ts';
import type { RolloutEvidence, RolloutEvidenceStore } from '../../shared/ports/rollout-evidence.ts';
import { countedBlock, errorShare, judgePlan } from '../helpers/judged-traffic.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const KINDS: readonly (readonly [string, () => RolloutEvidenceStore])[] = [
  ['in memory', createMemoryRolloutEvidence],
  ['on DynamoDB', () => createRolloutEvidence(tables)],
];
const plan = judgePlan();
const evidenceOf = (rolloutId: string, over: Partial<RolloutEvidence> = {}): RolloutEvidence => ({
  model: 'toy',
  rolloutId,
  plan,
  // Without traffic a decision takes for ever.
  forecast: foretell(plan, { unitsPerHour: 0, canaryShare: 0.5, baseRates: { errors: 0 }, nowMs: 0 }),
  slowAboveMs: 12.5,
  state: openJudge(plan),
  seenUnits: NO_SEEN_UNITS,
  rules: { lookMs: 300_000, errorBudget: 0.05, slices: [], notes: [] },
  taken: { requestsThroughMs: 1, capturedThroughMs: 1, crashShareBefore: 0, leftOutCount: 0 },
  lookCount: 0,
  ...over,
});
const look = (index: number, reason = `look ${index}`): RolloutLook => ({
  index,
  atMs: index,
  throughMs: index,
  weight: 0.5,
  action: 'wait',
  decidedBy: 'judge',
  reason,
  // More than a number of DynamoDB's can be.
  rows: [
    {
      metric: 'errors',
      slice: 'all',
      lower: -1,
      upper: 1,
      eValueAbort: 1e300,
      abortAt: 20,
      eValuePromote: 0,
      units: { canary: 1, champion: 1 },
    },
  ],
});

describe.each(KINDS)('evidence %s', (_, open) => {
  it('is read as it was written, with what takes for ever and the units that entered', async () => {
    const store = open();
    const fingerprints = new Set([0, 1, 2 ** 48 - 1]);
    const evidence = evidenceOf('r-1', { seenUnits: { halvings: 0, fingerprints } });

    expect(await store.get('toy', 'r-1')).toBeUndefined();
    expect(evidence.forecast.hours).toBe(Number.POSITIVE_INFINITY);
    expect(await store.open(evidence)).toEqual(evidence);
    expect(await store.get('toy', 'r-1')).toEqual(evidence);
  });

  it('is opened once: whoever comes second gets what stands', async () => {
    const store = open();
    const first = await store.open(evidenceOf('r-2', { slowAboveMs: 1 }));

    expect(await store.open(evidenceOf('r-2', { slowAboveMs: 2 }))).toEqual(first);
  });

  it('is written with each look, once: again, and at once, it is the look that stands', async () => {
    const store = open();
    const evidence = await store.open(evidenceOf('r-3'));
    const state = updateJudge(plan, evidence.state, countedBlock(0, [10, 1], [10, 0]));

    const both = await Promise.all([
      store.record({ ...evidence, state }, look(0, 'one')),
      store.record({ ...evidence, state }, look(0, 'the other')),
    ]);
    const again = await store.record(evidence, look(0, 'late'));

    expect(new Set(both.map(({ reason }) => reason)).size).toBe(1);
    expect(again).toEqual(both[0]);
    expect(await store.get('toy', 'r-3')).toEqual({ ...evidence, state, lookCount: 1 });
    expect(await store.getLook('toy', 'r-3', 0)).toEqual(again);
    expect(await store.getLook('toy', 'r-3', 1)).toBeUndefined();
  });

  it('a look that does not follow on those that were taken is refused', async () => {
    const store = open();
    const evidence = await store.open(evidenceOf('r-4'));

    await expect(store.record(evidence, look(1))).rejects.toThrow(ConflictError);
    expect(await store.get('toy', 'r-4')).toEqual(evidence);
  });

  it('looks are listed oldest first, page by page, and of one rollout', async () => {
    const store = open();
    const evidence = await store.open(evidenceOf('r-5'));
    for (let index = 0; index < 12; index += 1) await store.record(evidence, look(index));
    await store.record(await store.open(evidenceOf('r-5#x')), look(0));

    const first = await store.listLooks('toy', 'r-5', 10);
    const second = await store.listLooks('toy', 'r-5', 10, first.nextCursor);

    expect([...first.items, ...second.items]).toEqual(Array.from({ length: 12 }, (_, index) => look(index)));
    expect(second.nextCursor).toBeUndefined();
  });
});

it('the largest evidence fits in an item', async () => {
  const metrics = ['errors', 'slow', 'prediction', 'other'].map((name) => ({ ...errorShare, name, weight: 0.25 }));
  const slices = ['all', ...Array.from({ length: 20 }, (_, i) => `slice-${i}`)].map((name) => ({
    name,
    weight: 1 / 21,
  }));
  const large = judgePlan({ metrics, slices });
  const fingerprints = new Set(Array.from({ length: 32_768 }, (_, i) => i * 8_589_934_592));
  const cells = metrics.flatMap(({ name }) =>
    slices.map((slice) => {
      const outcomes = { unitCount: 123_457, sum: 1_234.567891, sumOfSquares: 999.123456 };
      return { metric: name, slice: slice.name, canary: outcomes, champion: outcomes };
    }),
  );
  const block = { index: 0, startMs: 1e12, endMs: 1e12 + 1, canaryShare: 0.123, cells };
  const evidence = evidenceOf('r-6', {
    plan: large,
    state: updateJudge(large, openJudge(large), block),
    seenUnits: { halvings: 0, fingerprints },
  });

  await createRolloutEvidence(tables).open(evidence);

  expect(await createRolloutEvidence(tables).get('toy', 'r-6')).toEqual(evidence);
});
