import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { linkRecord } from '../../../../../shared/core/audit/index.ts';
import {
  canaryPlan,
  decideRollback,
  experimentPlan,
  isDivided,
  isSettledOn,
  nextRoster,
  type PlanDraft,
  planAt,
  planDigest,
  planFault,
  requireMembers,
  rosterDigest,
  settledPlan,
} from '../../../../../shared/core/routing/index.ts';

const sha256 = (text: string): string => hash('sha256', text);
const canary = { model: 'toy', rolloutId: 'r-1', version: 2, champion: 1, weight: 0.25, settings: {}, atMs: 5 };
const settled = settledPlan(undefined, { model: 'toy', version: 1, atMs: 1 });
const sharesOf = ({ arms }: PlanDraft) => Object.fromEntries(arms.map(({ version, share }) => [version, share]));
const member = (version: number) => ({
  version,
  modelDigest: `m${version}`,
  manifestDigest: `n${version}`,
  artifactPrefix: `models/toy/m${version}/`,
});

it('a canary takes its share from the champion, with the definition’s unit and cohorts', () => {
  const unit = { header: 'x-user' };
  const when = { header: 'x-team', in: ['ours'] };
  const settings = {
    unit,
    cohorts: [
      { name: 'testers', when, to: 'canary' as const },
      { name: 'careful', when, to: 'champion' as const },
    ],
  };

  const plan = canaryPlan(settled, { ...canary, settings });

  expect(sharesOf(plan)).toEqual({ 1: 7_500, 2: 2_500 });
  expect(plan).toMatchObject({
    champion: 1,
    salt: 'r-1',
    unit,
    cohorts: [
      { name: 'testers', version: 2 },
      { name: 'careful', version: 1 },
    ],
    experiment: { kind: 'canary', rolloutId: 'r-1', version: 2 },
  });
});

it('the first version of all has everything from the first step on: nobody is there to divide with', () => {
  const { champion: _, ...first } = canary;

  const plan = canaryPlan(undefined, { ...first, version: 1, champion: undefined, weight: 0.1 });

  expect(sharesOf(plan)).toEqual({ 1: 10_000 });
  expect(isSettledOn(plan, 1)).toBe(true);
});

it('given back, the champion has everything, and nothing is tried', () => {
  const plan = canaryPlan(canaryPlan(settled, canary), { ...canary, weight: 0 });

  expect(isSettledOn(plan, 1)).toBe(true);
  expect(isSettledOn(canaryPlan(settled, { ...canary, weight: 1 }), 2)).toBe(false);
});

it('a plan that is not the champion’s is first brought there', () => {
  const astray = settledPlan(undefined, { model: 'toy', version: 7, atMs: 1 });

  expect(sharesOf(canaryPlan(astray, canary))).toEqual({ 1: 7_500, 2: 2_500 });
});

it('an experiment has the shares that were asked for, keeps its champion, and is over by itself', () => {
  const arms = [
    { version: 2, share: 0.3 },
    { version: 3, share: 0.7 },
  ];
  const start = { model: 'toy', experimentId: 'e-1', arms, durationMs: 100, atMs: 10 };

  const plan = experimentPlan(settled, start);

  expect(sharesOf(plan)).toEqual({ 1: 0, 2: 3_000, 3: 7_000 });
  expect(plan.experiment).toEqual({ kind: 'a/b', experimentId: 'e-1', startedAtMs: 10, endsAtMs: 110 });
  expect(experimentPlan(plan, { ...start, atMs: 50 })).toBe(plan);
  expect(planAt(plan, 109)).toBe(plan);
  expect(isDivided(planAt(plan, 110))).toBe(false);
  expect(sharesOf(planAt(plan, 110))).toEqual({ 1: 10_000 });
});

it('one thing at a time: no experiment beside a canary or another, no canary beside an experiment', () => {
  const arms = [1, 2].map((version) => ({ version, share: 0.5 }));
  const start = { model: 'toy', experimentId: 'e-1', arms, durationMs: 100, atMs: 10 };
  const running = experimentPlan(settled, start);

  expect(() => experimentPlan(canaryPlan(settled, canary), start)).toThrow('divided by rollout r-1; end it first');
  expect(() => experimentPlan(running, { ...start, experimentId: 'e-2' })).toThrow(
    'divided by experiment e-1 until 1970-01-01T00:00:00.110Z',
  );
  expect(() => canaryPlan(running, canary)).toThrow('experiment e-1 of toy divides the traffic');
  expect(() => experimentPlan(settled, { ...start, arms: [{ version: 1, share: 1 }] })).toThrow(
    'an experiment must have two versions or more',
  );
});

it('rolling back asked twice is done once', () => {
  const trying = canaryPlan(settled, canary);

  expect(decideRollback({ plan: trying, rolloutId: 'r-1' })).toEqual({ kind: 'stop trying', version: 1 });
  expect(() => decideRollback({ plan: settled })).toThrow(
    'nothing is being tried on toy: version 1 has all of its traffic; name the version to go back to',
  );
  expect(decideRollback({ plan: settled, wanted: 3 })).toEqual({ kind: 'go back', version: 3 });
  expect(decideRollback({ plan: settled, wanted: 1 })).toEqual({ kind: 'none', version: 1 });
  expect(() => decideRollback({ plan: trying, rolloutId: 'r-1', wanted: 3 })).toThrow('roll it back first');
});

it('a roster keeps what serves and the newest, and names by one digest what may be served', () => {
  const roster = Array.from({ length: 15 }, (_, i) => i + 1).reduce(
    (before, version) => nextRoster(before, member(version), [1]),
    { model: 'toy', members: [] } as Parameters<typeof nextRoster>[0],
  );

  expect(roster.members.map(({ version }) => version)).toEqual([1, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  expect(rosterDigest(nextRoster(roster, member(15), [1]), sha256)).toBe(rosterDigest(roster, sha256));
  const changed = { ...member(15), modelDigest: 'other' };
  expect(rosterDigest(nextRoster(roster, changed, [1]), sha256)).not.toBe(rosterDigest(roster, sha256));
  expect(() => requireMembers(roster, [1, 2, 16])).toThrow('version 2, 16 of toy is not among those');
});

it('a plan that is not what its record says is told of', () => {
  const plan = { ...settled, revision: 3 };
  const after = { digest: planDigest(plan, sha256) };
  const entry = { model: 'toy', atMs: 1, principal: 'ann', action: 'set routing plan', after };
  const record = linkRecord(undefined, entry, sha256);
  const stored = { plan, auditSeq: 1 };
  const fault = (given: Parameters<typeof planFault>[1], about = record) =>
    planFault('toy', given, { position: 1, record: about }, sha256);

  expect(fault(stored)).toBeUndefined();
  expect(fault({ ...stored, plan: { ...plan, champion: 2 } })).toBe('it is not what record 1 says');
  expect(fault({ ...stored, auditSeq: 2 })).toBe('record 2 about it was changed');
  expect(fault(stored, { ...record, principal: 'eve' })).toBe('record 1 about it was changed');
  expect(fault(stored, linkRecord(undefined, { ...entry, action: 'set alias' }, sha256))).toBe(
    'record 1 is about something else',
  );
  expect(planFault('other', stored, { position: 1, record }, sha256)).toBe('it is the plan of toy');
  expect(planFault('toy', stored, undefined, sha256)).toBe('record 1 about it is missing');
});
