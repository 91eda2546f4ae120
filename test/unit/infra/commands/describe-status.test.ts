import { describe, expect, it } from 'vitest';
import { fleetTable, type ModelStatus, modelLines } from '../../../../infra/commands/describe-status.ts';

const HOUR_MS = 3_600_000;
const quiet: ModelStatus = { model: 'births', latestVersion: 0, waiting: [], alarms: [] };
const busy: ModelStatus = {
  model: 'flight-delay',
  champion: 2,
  servingSinceMs: HOUR_MS,
  latestVersion: 4,
  waiting: [4],
  alarms: ['drift'],
  rollout: { rolloutId: 'r', version: 3, status: 'RUNNING', weight: 0.25, startedAtMs: 2 * HOUR_MS },
  run: { runId: 'run-4', status: 'FAILED', startedAtMs: HOUR_MS, cause: 'alarm', outcome: 'the gate did not pass' },
};

describe('the status of a stage', () => {
  it('is a line a model', () => {
    expect(fleetTable([busy, quiet]).split('\n')).toEqual([
      'MODEL         IN SERVICE  NEWEST  WAITS  ROLLOUT     LAST RUN  ALARMS',
      'flight-delay  v2          v4      v4     v3 at 25 %  FAILED    drift',
      'births        -           -       -      -           -         -',
    ]);
  });
});

describe('a run that made no version', () => {
  const run = { runId: 'run-5', status: 'FINISHED', startedAtMs: HOUR_MS, cause: 'schedule' };

  it('is told as such, in the fleet and of the model', () => {
    expect(fleetTable([{ ...busy, run }])).toContain('  FINISHED, no version  ');
    expect(modelLines({ ...busy, run })).toContain('run-5 FINISHED, no version, began');
    expect(fleetTable([{ ...busy, run: { ...run, version: 5 } }])).toContain('  FINISHED  ');
  });
});

describe('the status of a model', () => {
  it('says what runs, why it ended so and what to do next', () => {
    const text = modelLines(busy);

    expect(text).toContain('version 2 since 1970-01-01 01:00');
    expect(text).toContain('version 3 has 25 % of the traffic, began 1970-01-01 02:00');
    expect(text).toContain('the gate did not pass');
    expect(text).toMatch(
      /next +millrace approve flight-delay@4\n +millrace promote flight-delay@3 .*\n +millrace rollback flight-delay .*\n +millrace logs/,
    );
  });

  it('says what a canary was expected to take, what was seen last, and who decided', () => {
    const rollout = {
      ...busy.rollout,
      rolloutId: 'r',
      version: 3,
      status: 'RUNNING',
      weight: 0.25,
      startedAtMs: 0,
      forecast: '4,000 units of the canary in 6 hours',
      lastLook: { atMs: 3 * HOUR_MS, reason: 'not enough evidence yet', nextLookAtMs: 4 * HOUR_MS },
      decision: { action: 'promote', decidedBy: 'ann', reason: 'convinced' },
    };
    const text = modelLines({ ...busy, rollout });

    expect(text).toMatch(/decided +to promote it, by ann: convinced/);
    expect(text).toMatch(/forecast +4,000 units of the canary in 6 hours/);
    expect(text).toMatch(/last look +1970-01-01 03:00: not enough evidence yet\nnext look +1970-01-01 04:00/);
    const over = modelLines({ ...busy, rollout: { ...rollout, status: 'PROMOTED' } });
    expect(over).not.toMatch(/forecast|last look|millrace rollback/);
    expect(over).toContain('by ann: convinced');
  });

  it('begins with training', () => {
    expect(modelLines(quiet)).toMatch(/in service +nothing[\s\S]*next +millrace train births$/);
  });
});
