import { describe, expect, it } from 'vitest';
import { type CapturedLine, capturedUnits } from '../../../../../shared/core/deployment/index.ts';

const line = (predictionId: string, over: Partial<CapturedLine> = {}): CapturedLine => ({
  kind: 'prediction',
  predictionId,
  atMs: 1,
  version: 2,
  lambdaVersion: '3',
  inputs: { kind: 'a' },
  output: 0.5,
  latencyMs: 10,
  request: { id: `request of ${predictionId}` },
  ...over,
});
const rules = { slices: [{ name: 'a', where: { feature: 'kind', equals: 'a' } }], outputScale: [0, 2] } as const;
const byAlias = { arms: { by: 'lambdaVersion', canary: '3', champion: '2' }, rules, slowAboveMs: 9 } as const;
const byPlan = { arms: { by: 'version', canary: 2, champion: 1 }, rules, slowAboveMs: 9 } as const;
const drawn = { unit: 'u', probability: 0.1 };

describe('capturedUnits', () => {
  it('tells versions of a function apart, and counts no errors of an alias', () => {
    const lines = [line('p-1'), line('p-2', { lambdaVersion: '2', latencyMs: 8 }), line('p-3', { lambdaVersion: '1' })];

    expect(capturedUnits(lines, byAlias)).toEqual([
      { request: 'request of p-1', isCanary: true, slices: ['all', 'a'], outcomes: { slow: 1, prediction: 0.25 } },
      { request: 'request of p-2', isCanary: false, slices: ['all', 'a'], outcomes: { slow: 0, prediction: 0.25 } },
    ]);
  });

  it('takes a line once, however often it was delivered', () => {
    expect(capturedUnits([line('p-1'), line('p-1')], byAlias)).toHaveLength(1);
  });

  it('says once of a request that it failed or was slow, and of each of its rows what was predicted', () => {
    const request = { id: 'r' };

    const units = capturedUnits([line('p-1', { request }), line('p-2', { request, output: 3 })], byAlias);

    expect(units.map(({ outcomes }) => outcomes)).toEqual([{ slow: 1, prediction: 0.25 }, { prediction: 1 }]);
  });

  it('tells versions of a plan apart by unit, with the share that it was drawn at', () => {
    const units = capturedUnits(
      [
        line('p-1', { assignment: drawn }),
        line('p-2', { version: 1, assignment: { unit: 'v', probability: 0.9 } }),
        line('p-3', { kind: 'failure', assignment: { probability: 0.1 } }),
      ],
      byPlan,
    );

    expect(units).toMatchObject([
      { unit: 'u', isCanary: true, canaryShare: 0.1, outcomes: { errors: 0 } },
      { unit: 'v', isCanary: false, outcomes: { errors: 0 } },
      { request: 'request of p-3', isCanary: true, outcomes: { errors: 1 } },
    ]);
    expect(units[1]?.canaryShare).toBeCloseTo(0.1, 12);
    expect(Object.keys(units[2]?.outcomes ?? {})).toEqual(['errors']);
  });

  it('takes each request for a unit where an alias divides the versions of a function, also of a model with a plan', () => {
    const [unit] = capturedUnits([line('p-1', { assignment: drawn })], byAlias);

    expect(unit).toMatchObject({ request: 'request of p-1', isCanary: true });
    expect(unit).not.toHaveProperty('unit');
    expect(unit).not.toHaveProperty('canaryShare');
  });

  it('leaves out what no chance chose: a cohort, and a request that named its version', () => {
    const cohort = line('p-1', { assignment: { ...drawn, cohort: 'testers' } });

    expect(capturedUnits([cohort, line('p-2')], byPlan)).toEqual([]);
  });

  it('takes the latency of a cold environment for none of the version', () => {
    const [unit] = capturedUnits([line('p-1', { cold: true })], byAlias);

    expect(unit?.outcomes).toEqual({ prediction: 0.25 });
  });
});
