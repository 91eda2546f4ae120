import { describe, expect, it } from 'vitest';
import type { PlatformApi } from '../../../../infra/commands/open-platform.ts';
import { alarmsOf, readModelStatus } from '../../../../infra/commands/read-status.ts';

describe('alarms that ring', () => {
  it('belong to the model with the longest name that they begin with', () => {
    const models = ['toy', 'toy-two', 'other'];
    const ringing = ['toy-drift', 'toy-two-errors', 'other-capture', 'dead-letters'];

    expect(models.map((model) => alarmsOf(model, models, ringing))).toEqual([['drift'], ['errors'], ['capture']]);
  });
});

describe('the status of a model', () => {
  it('has the last run with the version that it made', async () => {
    const run = { runId: 'run-1', status: 'FINISHED', startedAtMs: 0, cause: { kind: 'schedule' } };
    const statusOf = async (runs: readonly object[]) => {
      const get = async (path: string) =>
        path === '/models/toy'
          ? { model: 'toy', latestVersion: 4, aliases: {} }
          : { items: path.includes('/runs') ? runs : [] };
      return readModelStatus({ get } as unknown as PlatformApi, 'toy', []);
    };

    expect((await statusOf([{ ...run, version: 4 }])).run).toEqual({ ...run, cause: 'schedule', version: 4 });
    expect((await statusOf([run])).run).toEqual({ ...run, cause: 'schedule' });
  });
});
