import { describe, expect, it } from 'vitest';
import type { CallSite } from '../../../../../infra/local/contracts.ts';
import type { PlannedFault } from '../../../../../infra/local/faults/fault-plan.ts';
import { createPlannedFaults } from '../../../../../infra/local/faults/planned-faults.ts';

const call = (change: Partial<CallSite> = {}): CallSite => ({
  origin: 'function',
  caller: 'millrace-local-record-run',
  invocationId: 'one',
  ordinal: 0,
  service: 'dynamodb',
  operation: 'PutItem',
  callId: 'a',
  ...change,
});
const SITE = 'record-run dynamodb:PutItem #1';
const throttle = (change: object = {}): PlannedFault => ({
  kind: 'call',
  site: SITE,
  visit: 1,
  times: 1,
  fault: { kind: 'throttle' },
  ...change,
});

describe('planned faults', () => {
  it('strike at their visit and at no other', () => {
    const faults = createPlannedFaults([throttle({ visit: 2 })]);

    const struck = ['one', 'two', 'three'].map((id) => faults.call(call({ invocationId: id, callId: id })));

    expect(struck).toEqual([undefined, { kind: 'throttle' }, undefined]);
    expect(faults.injected()).toEqual([{ word: 'throttle', site: SITE }]);
  });

  it('outlast as many tries of the SDK as they say', () => {
    const faults = createPlannedFaults([throttle({ times: 2 })]);

    const tries = [1, 2, 3].map(() => faults.call(call()));

    expect(tries.map((fault) => fault?.kind)).toEqual(['throttle', 'throttle', undefined]);
  });

  it('kill functions only', () => {
    const faults = createPlannedFaults([throttle({ fault: { kind: 'kill-before' } })]);

    expect(faults.call(call({ origin: 'service' }))).toBeUndefined();
    expect(faults.injected()).toEqual([]);
  });

  it('do nothing any more once they have ceased', () => {
    const faults = createPlannedFaults([throttle(), { kind: 'clock', site: 'infer', skewMs: 700 }]);

    faults.cease();

    expect(faults.call(call())).toBeUndefined();
    expect(faults.clockSkewMs('millrace-local-infer-rill')).toBe(0);
    expect(faults.injected()).toEqual([]);
  });

  it('skew every environment of a function alike, and count once', () => {
    const faults = createPlannedFaults([{ kind: 'clock', site: 'infer', skewMs: -300 }]);

    const skews = [1, 2].map(() => faults.clockSkewMs('millrace-local-infer-rill'));

    expect(skews).toEqual([-300, -300]);
    expect(faults.clockSkewMs('millrace-local-record-run')).toBe(0);
    expect(faults.injected()).toEqual([{ word: 'clock-skew', site: 'infer' }]);
  });

  it('strike deliveries, jobs and reads', () => {
    const faults = createPlannedFaults([
      {
        kind: 'delivery',
        site: 'scheduler train-rill > lambda:request-training',
        visit: 1,
        fault: { kind: 'duplicate' },
      },
      { kind: 'job', site: 'batch job', visit: 1, fault: { kind: 'spot-interruption', afterMs: 5 } },
      { kind: 'read', site: 'RegistryTable gsi1', visit: 1, staleMs: 900 },
    ]);
    const targetArn = 'arn:aws:lambda:us-east-1:000000000000:function:millrace-local-request-training';
    const table = 'Millrace-local-data-RegistryTable4B2A2F31-Oqi0xVYt5WJI';

    expect(faults.delivery({ service: 'scheduler', source: 'millrace-local/train-rill', targetArn })).toEqual({
      kind: 'duplicate',
    });
    expect(faults.job({ service: 'batch', jobName: 'any', attempt: 1 })).toEqual({
      kind: 'spot-interruption',
      afterMs: 5,
    });
    expect(faults.staleMs({ service: 'dynamodb', table, index: 'gsi1' })).toBe(900);
    expect(faults.staleMs({ service: 'dynamodb', table, index: 'gsi1' })).toBe(0);
    expect(faults.injected().map(({ word }) => word)).toEqual(['duplicate', 'spot-interruption', 'stale-read']);
  });
});
