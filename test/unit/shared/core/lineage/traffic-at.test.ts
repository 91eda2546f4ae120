import { describe, expect, it } from 'vitest';
import { rolloutOf, trafficAt } from '../../../../../shared/core/lineage/index.ts';
import type { Rollout } from '../../../../../shared/core/registry/index.ts';

const first: Rollout = {
  model: 'toy',
  rolloutId: 'first',
  kind: 'model',
  version: 1,
  status: 'PROMOTED',
  startedAtMs: 100,
  endedAtMs: 200,
  lambdaVersion: '2',
  previousLambdaVersion: '1',
  weights: [0.5, 1],
  shifts: [
    { weight: 0.5, atMs: 110 },
    { weight: 1, atMs: 190 },
  ],
};
const second: Rollout = {
  ...first,
  rolloutId: 'second',
  version: 2,
  status: 'ROLLED_BACK',
  startedAtMs: 300,
  endedAtMs: 400,
  lambdaVersion: '3',
  previousLambdaVersion: '2',
  weights: [0.25, 0],
  shifts: [
    { weight: 0.25, atMs: 310 },
    { weight: 0, atMs: 390 },
  ],
};
const ROLLOUTS = [second, first];

describe('the traffic at an instant', () => {
  it.each([
    [105, { rolloutId: 'first', weights: { 1: 1 } }],
    [110, { rolloutId: 'first', weights: { 1: 0.5, 2: 0.5 } }],
    [195, { rolloutId: 'first', weights: { 2: 1 } }],
    [250, { weights: { 2: 1 } }],
    [389, { rolloutId: 'second', weights: { 2: 0.75, 3: 0.25 } }],
    [395, { rolloutId: 'second', weights: { 2: 1 } }],
    [500, { weights: { 2: 1 } }],
  ])('at %i is what the last shift before it made of it', (atMs, expected) => {
    expect(trafficAt(ROLLOUTS, atMs)).toEqual(expected);
  });

  it('is unknown before the first rollout, and in one whose shifts have no times', () => {
    const { shifts: _, ...untimed } = second;

    expect(trafficAt(ROLLOUTS, 99)).toBeUndefined();
    expect(trafficAt([untimed, first], 350)).toBeUndefined();
  });
});

describe('the rollout of an answer', () => {
  it('is the newest that brought its version of model and code before it', () => {
    const code: Rollout = { ...first, rolloutId: 'code', kind: 'code', startedAtMs: 450, lambdaVersion: '4' };
    const all = [code, ...ROLLOUTS];

    expect(rolloutOf(all, { atMs: 500, version: 1, lambdaVersion: '2' })?.rolloutId).toBe('first');
    expect(rolloutOf(all, { atMs: 500, version: 1, lambdaVersion: '4' })?.rolloutId).toBe('code');
    expect(rolloutOf(all, { atMs: 440, version: 1 })?.rolloutId).toBe('first');
    expect(rolloutOf(all, { atMs: 500, version: 9 })).toBeUndefined();
  });
});
