import { hash } from 'node:crypto';
import { beforeEach, expect, it, vi } from 'vitest';
import { createPlanSource } from '../../../../functions/infer/route-plan.ts';
import { linkRecord } from '../../../../shared/core/audit/index.ts';
import { PLAN_ACTION, planDigest, type RoutingPlan, settledPlan } from '../../../../shared/core/routing/index.ts';

const sha256 = (text: string): string => hash('sha256', text);
const planOf = (revision: number, version = revision): RoutingPlan => ({
  ...settledPlan(undefined, { model: 'toy', version, atMs: 1 }),
  revision,
});

const logged: string[] = [];
vi.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line));
beforeEach(() => void logged.splice(0));

/** A table with one plan and its record. */
const open = (first: RoutingPlan | undefined) => {
  let nowMs = 1_000;
  let stored = first;
  let said = first;
  let reads = 0;
  let records = 0;
  let answer: 'at once' | 'never' | 'fails' = 'at once';
  const source = createPlanSource({
    model: 'toy',
    sha256,
    clock: { nowMs: () => nowMs },
    ttlMs: 5_000,
    limitMs: 20,
    items: {
      plan: async () => {
        reads += 1;
        if (answer === 'never') await new Promise(() => {});
        if (answer === 'fails') throw new Error('the table is gone');
        return stored && { plan: stored, auditSeq: 1 };
      },
      record: async () => {
        records += 1;
        if (said === undefined) return undefined;
        const after = { digest: planDigest(said, sha256) };
        const entry = { model: 'toy', atMs: 1, principal: 'ann', action: PLAN_ACTION, after };
        return { position: 1, record: linkRecord(undefined, entry, sha256) };
      },
    },
  });
  return {
    source,
    counts: () => ({ reads, records }),
    pass: (ms: number) => {
      nowMs += ms;
    },
    put: (plan: RoutingPlan, onRecord = true) => {
      stored = plan;
      if (onRecord) said = plan;
    },
    answers: (how: typeof answer) => {
      answer = how;
    },
  };
};

it('is read once for many requests, and anew when it is five seconds old', async () => {
  const { source, counts, pass, put } = open(planOf(1));

  const [first] = await Promise.all([source(), source()]);
  put(planOf(2));
  pass(4_999);
  const young = await source();
  pass(1);
  const fresh = await source();

  expect([first, young, fresh].map((plan) => plan?.champion)).toEqual([1, 1, 2]);
  expect(counts()).toEqual({ reads: 2, records: 2 });
});

it('is verified by its record once, as long as it does not change', async () => {
  const { source, counts, pass } = open(planOf(1));

  for (let i = 0; i < 4; i += 1) {
    await source();
    pass(5_000);
  }

  expect(counts()).toEqual({ reads: 4, records: 1 });
});

it.each(['never', 'fails'] as const)(
  'a table that answers %s leaves the last plan in use, asked each second',
  async (how) => {
    const { source, counts, pass, put, answers } = open(planOf(1));
    await source();
    answers(how);
    put(planOf(2));

    pass(5_000);
    const [one, again] = [await source(), await source()];

    expect([one.champion, again.champion]).toEqual([1, 1]);
    expect(counts().reads).toBe(2);
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({ level: 'error', model: 'toy' });
    if (how === 'never') return;
    answers('at once');
    pass(1_000);
    expect((await source()).champion).toBe(2);
  },
);

it('a plan that nobody put on record is not used', async () => {
  const { source, pass, put } = open(planOf(1));
  await source();

  put(planOf(2, 9), false);
  pass(5_000);

  expect((await source()).champion).toBe(1);
  expect(logged.join()).toContain('it is not what record 1 says');
});

it('without a first plan a request fails, and the next asks again', async () => {
  const { source, put } = open(undefined);

  await expect(source()).rejects.toMatchObject({ name: 'TamperedPlanError', message: 'toy has no routing plan' });

  put(planOf(1));
  expect((await source()).champion).toBe(1);
});

it('an experiment whose time is over divides nothing, whatever the table says', async () => {
  const { source, pass, put } = open(planOf(1));
  await source();
  const half = (version: number, from: number) => ({ version, share: 5_000, slots: [[from, from + 5_000]] as const });
  put({
    ...planOf(1),
    arms: [half(1, 0), half(2, 5_000)],
    experiment: { kind: 'a/b', experimentId: 'e', startedAtMs: 0, endsAtMs: 8_000 },
  });
  pass(5_000);

  expect((await source()).arms).toHaveLength(2);
  pass(3_000);
  expect((await source()).arms).toMatchObject([{ version: 1, share: 10_000 }]);
});
