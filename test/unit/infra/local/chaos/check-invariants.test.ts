import { describe, expect, it } from 'vitest';
import { checkInvariants, INVARIANTS } from '../../../../../infra/local/chaos/check-invariants.ts';
import type { Effect } from '../../../../../infra/local/chaos/effects.ts';
import type { ChaosFacts } from '../../../../../infra/local/chaos/facts.ts';
import { heardRefusal, messageText } from '../../../../../shared/core/notifications/index.ts';
import { CAUSE, SHIFT, SOUND_EFFECTS, SOUND_FACTS, SOUND_MODEL, withModel } from '../../../../helpers/chaos-facts.ts';

const [version] = SOUND_MODEL.versions;
const [run] = SOUND_MODEL.runs;
const [rollout] = SOUND_MODEL.rollouts;
if (!(version && run && rollout)) throw new Error('the sound facts have a version, a run and a rollout');

const withEffects = (effects: readonly Effect[]): ChaosFacts => ({ ...SOUND_FACTS, effects });
const without = (kind: Effect['kind'], index = 0): readonly Effect[] => {
  const at = SOUND_EFFECTS.flatMap((effect, i) => (effect.kind === kind ? [i] : []))[index] ?? -1;
  return SOUND_EFFECTS.toSpliced(at, 1);
};
const swapped = (first: number, second: number): readonly Effect[] =>
  SOUND_EFFECTS.with(first, SOUND_EFFECTS[second] as Effect).with(second, SOUND_EFFECTS[first] as Effect);
const executions = (name: string, status: string): ChaosFacts => ({
  ...SOUND_FACTS,
  executions: SOUND_FACTS.executions.map((one) => (one.name === name ? { ...one, status } : one)),
});
const strayAlias: Effect = { kind: 'alias', by: SHIFT, model: 'rill', lambdaVersion: '2', weights: { 1: 0.3, 3: 0.7 } };

/** Invariant → a breach of the facts → what it is told as. */
const BREACHES: readonly (readonly [invariant: string, breach: string, facts: ChaosFacts, told: RegExp])[] = [
  ['no version is lost', 'a gap', withModel({ latestVersion: 2 }), /versions are 1, counted are 2/],
  ['no version is lost', 'a run with two versions', withModel({ runVersions: { 'run-1': 2 } }), /which claims 2/],
  ['no version is lost', 'a claim without a version', withModel({ runVersions: { 'run-1': 1, x: 1 } }), /2 runs claim/],
  [
    'every version has the bytes',
    'no manifest',
    withModel({ artifacts: [{ version: 1, files: {} }] }),
    /manifest none/,
  ],
  [
    'every version has the bytes',
    'other bytes',
    withModel({
      artifacts: [
        { version: 1, manifestDigest: version.manifestDigest, files: { 'model.onnx': { found: 'x', stated: 'y' } } },
      ],
    }),
    /model\.onnx is not what its manifest states/,
  ],
  ['runs, versions and executions agree', 'a failed execution', executions('run-1', 'FAILED'), /FINISHED.*FAILED/],
  [
    'runs, versions and executions agree',
    'a refusal that registered',
    withModel({ runs: [{ ...run, version: undefined } as never] }),
    /ended as refused/,
  ],
  [
    'lineage',
    'half an edge',
    { ...SOUND_FACTS, lineage: SOUND_FACTS.lineage.slice(1) },
    /stands at its downstream only/,
  ],
  ['lineage', 'no edge', { ...SOUND_FACTS, lineage: SOUND_FACTS.lineage.slice(0, 4) }, /edge .* is missing/],
  ['lineage', 'a dangling edge', withModel({ rollouts: [] }), /dangles: no deployment rill\/roll-1/],
  ['live points', 'traffic without approval', withEffects(without('decided')), /before it was approved/],
  ['live points', 'the alias before its record', withEffects(swapped(7, 8)), /which no rollout states/],
  ['live points', 'an unknown Lambda version', withEffects(without('published')), /pins no version/],
  ['live points', 'weights beyond one', withEffects([...SOUND_EFFECTS, strayAlias]), /gave live the weights/],
  ['live points', 'an event before its fact', withEffects(swapped(0, 1)), /Registered 1 came too early/],
  ['at rest', 'a weighted alias', withModel({ alias: { lambdaVersion: '1', weights: { 2: 0.5 } } }), /live is/],
  ['at rest', 'a kept lease', withModel({ leaseOf: 'roll-1' }), /still holds the lease/],
  ['at rest', 'a running rollout', withModel({ rollouts: [{ ...rollout, status: 'RUNNING' }] }), /still runs/],
  ['what is deployed', 'another champion', withModel({ champion: 2 }), /champion is 2, deployed is 1/],
  ['what is deployed', 'a rejected one', withModel({ versions: [{ ...version, status: 'REJECTED' }] }), /is REJECTED/],
  ['what is deployed', 'another pin', withModel({ pins: { 2: 7 } }), /λ2 pins 7/],
  [
    'what recovers',
    'no second version',
    withModel({ expectedVersion: 2 }),
    /version 1 serves in the end, expected is 2/,
  ],
  [
    'an answer comes from the version',
    'another answer',
    withModel({ answered: [{ predictionId: 'p-1', atMs: 100, version: 1, output: 0.25, expected: 0.75 }] }),
    /is 0\.25, version 1 answers 0\.75/,
  ],
  [
    'an answered prediction is captured',
    'a lost capture',
    withModel({ captured: [], windows: [] }),
    /1 answered .* 0 are/,
  ],
  [
    'an answered prediction is captured',
    'another digest',
    withModel({ captured: SOUND_MODEL.captured.map((line) => ({ ...line, modelDigest: 'x' })) }),
    /has not the digest/,
  ],
  [
    'exactly one window',
    'counted twice',
    withModel({ windows: [{ day: 'd', fromMs: 0, toMs: 9e9, rowCount: 2 }] }),
    /counts 2/,
  ],
  [
    'exactly one window',
    'in two windows',
    withModel({ windows: [...SOUND_MODEL.windows, { day: 'e', fromMs: 50, toMs: 150, rowCount: 1 }] }),
    /is in 2 windows/,
  ],
  ['every execution ended', 'one that runs', executions('roll-1', 'RUNNING'), /canary-rollout roll-1 is RUNNING/],
  ['every failure reached a person', 'a silent failure', executions('roll-1', 'TIMED_OUT'), /nobody was told/],
  ['every failure reached a person', 'a silent letter', { ...SOUND_FACTS, deadLetters: { D: 1 } }, /no alarm rang/],
  [
    'an alarm starts one training',
    'two trainings',
    withModel({ runs: [run, { ...run, runId: 'run-2', cause: CAUSE }] }),
    /started 2 trainings/,
  ],
  ['an alarm starts one training', 'none', withModel({ runs: [] }), /started no training, and nobody refused it/],
  ['the embedded cloud itself', 'an error of it', { ...SOUND_FACTS, problems: ['oh'] }, /oh/],
];

describe('the invariants of a chaos run', () => {
  it('hold after a run in which nothing went wrong', () => {
    expect(checkInvariants(SOUND_FACTS)).toEqual([]);
  });

  it.each(BREACHES)('%s: tells of %s', (invariant, _breach, facts, told) => {
    const breaches = checkInvariants(facts).filter((one) => one.invariant.includes(invariant));

    expect(breaches.map(({ what }) => what).join('; ')).toMatch(told);
  });

  it('take the mail that an alarm’s training was refused for its answer, and that of another ringing for none', () => {
    const mailOf = (stateChangedAt: string) => {
      const heard = heardRefusal(
        { model: 'rill', cause: { ...CAUSE, stateChangedAt }, reason: 'the cool-down lasts' },
        1,
      );
      const record = { ...heard, id: 'refused-1', openedAtMs: 1, heardAtMs: 1, tellings: [] };
      return messageText(record, { missing: 'none' });
    };
    const untrained = withModel({ runs: [] });
    const breachesWith = (mail: string) =>
      checkInvariants({ ...untrained, mails: [mail] }).filter(({ what }) => what.includes('nobody refused it'));

    expect(breachesWith(mailOf(CAUSE.stateChangedAt))).toEqual([]);
    expect(breachesWith(mailOf('2001-01-09T06:00:00.000Z'))).toHaveLength(1);
  });

  it('are each seen to fail', () => {
    const untried = INVARIANTS.filter(({ name }) => !BREACHES.some(([invariant]) => name.includes(invariant)));

    expect(untried.map(({ name }) => name)).toEqual([]);
  });
});
