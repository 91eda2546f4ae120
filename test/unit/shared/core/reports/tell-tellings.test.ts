import { describe, expect, it } from 'vitest';
import {
  heardAlarm,
  heardApproval,
  heardDrift,
  heardRollBack,
} from '../../../../../shared/core/notifications/index.ts';
import { tellTellings } from '../../../../../shared/core/reports/index.ts';

const DRIFT = { model: 'toy', version: 1, windowEnd: '2001-02-21T00:00:00.000Z', predictionPsi: 0.3 };
const rolloutOf = { model: 'toy', version: 2, rolloutId: 'r-1', reason: 'worse' };
const told = (round = 1) => ({ status: 'told' as const, round });

describe('who was told', () => {
  it('is the alarm’s own topic wherever an alarm rang, whoever else was told', () => {
    const rang = heardAlarm({ model: 'toy', kind: 'drift' }, 'Threshold Crossed', 1);
    const heartbeat = heardAlarm({ model: 'toy', kind: 'heartbeat' }, 'no datapoints', 1);

    expect(tellTellings({ ...rang, tellings: [] })).toBe('by the alarm’s topic');
    expect(tellTellings({ ...heartbeat, tellings: [] })).toBe('by the alarm’s topic');
    expect(tellTellings({ ...rang, tellings: [told(), told(), { status: 'failed', round: 1 }] })).toBe(
      '2 told, by the alarm’s topic, 1 not reached',
    );
  });

  it('is nobody where no alarm rang and nobody asks for it', () => {
    expect(tellTellings({ ...heardDrift(DRIFT, 1), tellings: [] })).toBe('nobody asks to be told');
  });

  it('counts whom an earlier round reached, and says what a telling waits for', () => {
    const drift = heardDrift(DRIFT, 1);

    expect(tellTellings({ ...drift, tellings: [{ status: 'pending', round: 2 }] })).toBe('1 told');
    expect(tellTellings({ ...drift, tellings: [{ status: 'pending', round: 1 }] })).toBe('not told yet');
    expect(tellTellings({ ...drift, tellings: [{ status: 'dropped', round: 1 }] })).toBe(
      'acknowledged before anybody was told',
    );
  });

  it('of records from before the stage had tellings of approvals and roll-backs is its topic', () => {
    expect(tellTellings({ ...heardApproval(rolloutOf, 1), tellings: [] })).toBe('by the alarm’s topic');
    expect(tellTellings({ ...heardRollBack(rolloutOf, 1), tellings: [] })).toBe('by the alarm’s topic');
    expect(tellTellings({ ...heardApproval(rolloutOf, 1), tellings: [told()] })).toBe('1 told');
  });
});
