import { describe, expect, it } from 'vitest';
import {
  decideRollBack,
  findVersionBefore,
  type RollBackQuestion,
  rollBackId,
} from '../../../../../shared/core/deployment/index.ts';
import type { Deployment, Rollout, RolloutStatus } from '../../../../../shared/core/registry/index.ts';

/** Version n was published as Lambda version n + 1 and replaced version n − 1. */
const rollout = (version: number, status: RolloutStatus, change: Partial<Rollout> = {}): Rollout => ({
  model: 'toy',
  rolloutId: `rollout-${version}`,
  kind: 'model',
  version,
  status,
  startedAtMs: version,
  weights: [],
  lambdaVersion: String(version + 1),
  previousLambdaVersion: String(version),
  ...(version > 1 ? { previousVersion: version - 1 } : {}),
  ...change,
});
const deployed = (version: number): Deployment => ({
  model: 'toy',
  version,
  lambdaVersion: String(version + 1),
  codeSha256: 'code',
  rolloutId: `rollout-${version}`,
  promotedAtMs: version,
});
const HISTORY = [rollout(3, 'PROMOTED'), rollout(2, 'PROMOTED'), rollout(1, 'PROMOTED')];
const question = (change: Partial<RollBackQuestion> = {}): RollBackQuestion => ({
  model: 'toy',
  by: { principal: 'ann', reason: 'it fails' },
  deployment: deployed(3),
  rollouts: HISTORY,
  atRest: true,
  ...change,
});
const canary = rollout(4, 'RUNNING');
const during = { running: canary, rollouts: [canary, ...HISTORY], atRest: false };
const decision = { action: 'roll back', decidedBy: 'ann', decidedAtMs: 9, reason: 'it fails' } as const;

describe('while a canary runs', () => {
  it.each([
    ['without a version', {}],
    ['with the version in service', { wanted: 3 }],
    ['by its name', { named: canary }],
  ])('it is stopped, %s', (_, asked) => {
    expect(decideRollBack(question({ ...during, ...asked }))).toEqual({ kind: 'stop', rollout: canary });
  });

  it('nobody goes back to another version', () => {
    expect(() => decideRollBack(question({ ...during, wanted: 2 }))).toThrow(
      'rollout rollout-4 of toy is running: roll it back first, without a version; then go back to 2',
    );
  });
});

describe('while none runs', () => {
  it('the version before serves again, or the one that is named', () => {
    expect(decideRollBack(question())).toEqual({ kind: 'go back', to: { version: 2, lambdaVersion: '3' } });
    expect(decideRollBack(question({ wanted: 1 }))).toEqual({
      kind: 'go back',
      to: { version: 1, lambdaVersion: '2' },
    });
  });

  it('the code before serves again after a rollout of code', () => {
    const code = rollout(3, 'PROMOTED', {
      kind: 'code',
      previousVersion: 3,
      previousLambdaVersion: '4',
      lambdaVersion: '5',
    });
    const standing = { deployment: { ...deployed(3), lambdaVersion: '5' }, rollouts: [code, ...HISTORY] };

    expect(decideRollBack(question(standing))).toEqual({ kind: 'go back', to: { version: 3, lambdaVersion: '4' } });
  });

  it.each([
    ['the canary was rolled back', rollout(4, 'ROLLED_BACK')],
    ['somebody went back', rollout(2, 'PROMOTED', { rolloutId: rollBackId('q'), previousVersion: 3 })],
    ['there was none before', rollout(1, 'PROMOTED')],
  ])('nothing is left to roll back once %s', (_, newest) => {
    expect(findVersionBefore([newest, ...HISTORY])).toBeUndefined();
    expect(() => decideRollBack(question({ rollouts: [newest, ...HISTORY] }))).toThrow(
      'nothing is being tried on toy: version 3 has all of its traffic; name the version to go back to',
    );
  });

  it.each([
    ['the same person for the same reason', { rollouts: [rollout(4, 'ROLLED_BACK', { decision }), ...HISTORY] }],
    ['one who finds the alias as it was left', { atRest: false }],
    ['one who names what serves', { wanted: 3 }],
    ['one who names a rollout that was rolled back', { named: rollout(4, 'ROLLED_BACK') }],
  ])('only the alias is seen to for %s', (_, asked) => {
    expect(decideRollBack(question(asked))).toEqual({ kind: 'rest' });
  });

  it.each([
    [{ wanted: 7 }, 'version 7 of toy had all traffic in none of its last 3 rollouts'],
    [{ named: rollout(3, 'PROMOTED') }, 'rollout rollout-3 of toy is PROMOTED: version 3 serves by it'],
    [{ named: rollout(4, 'FAILED') }, 'rollout rollout-4 of toy is FAILED'],
  ])('%j is refused with what stands', (asked, told) => {
    expect(() => decideRollBack(question(asked))).toThrow(told);
  });

  it('of a model without a version in service says so', () => {
    const { deployment: _, ...nothing } = question({ rollouts: [] });
    expect(() => decideRollBack(nothing)).toThrow('nothing is being tried on toy, and no version is in service');
  });

  it('goes back to no version that was only tried', () => {
    const rollouts = [rollout(4, 'ROLLED_BACK'), ...HISTORY];
    expect(() => decideRollBack(question({ rollouts, wanted: 4 }))).toThrow('version 4 of toy had all traffic in none');
  });
});

it('goes on with a roll-back that was cut off, whoever asks', () => {
  const cutOff = rollout(1, 'RUNNING', { rolloutId: rollBackId('q'), previousVersion: 3, lambdaVersion: '2' });
  const standing = { running: cutOff, rollouts: [cutOff, ...HISTORY] };
  const goesOn = { kind: 'go back', to: { version: 1, lambdaVersion: '2' }, resumes: cutOff };

  expect(decideRollBack(question(standing))).toEqual(goesOn);
  expect(decideRollBack(question({ ...standing, wanted: 1 }))).toEqual(goesOn);
  expect(decideRollBack(question({ ...standing, wanted: 3 }))).toEqual({ kind: 'stop', rollout: cutOff });
});
