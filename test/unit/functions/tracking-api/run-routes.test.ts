import { describe, expect, it } from 'vitest';
import { callTracking, memoryPorts } from '../../../helpers/tracking-routes.ts';

describe('the routes of runs', () => {
  it('create a run in Default, now and of whoever calls, where nothing else is said', async () => {
    const call = callTracking(memoryPorts(), { nowMs: () => 77 });

    const { body } = await call('POST', '2.0/mlflow/runs/create', {});

    expect(body.run.info).toMatchObject({ experiment_id: '0', start_time: 77, user_id: 'ann' });
  });

  it('say 404 for an id that no run can have, without asking the store', async () => {
    const ports = memoryPorts();
    const getRun = async (runId: string): Promise<never> => {
      throw new Error(`asked for ${runId}`);
    };
    const call = callTracking({ ...ports, tracking: { ...ports.tracking, getRun } });

    for (const run_id of ['../x', 'a/b', 'x'.repeat(257), '-a']) {
      const answer = await call('GET', '2.0/mlflow/runs/get', { run_id });

      expect(answer).toMatchObject({ status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST' } });
    }
  });

  it('take keys that objects have by nature', async () => {
    const call = callTracking();
    const { body } = await call('POST', '2.0/mlflow/runs/create', {});
    const { run_id } = body.run.info;

    for (const key of ['__proto__', 'constructor', 'toString']) {
      await call('POST', '2.0/mlflow/runs/log-parameter', { run_id, key, value: 'p' });
      await call('POST', '2.0/mlflow/runs/set-tag', { run_id, key, value: 't' });
      await call('POST', '2.0/mlflow/runs/log-metric', { run_id, key, value: 1, timestamp: 1 });
    }

    const { data } = (await call('GET', '2.0/mlflow/runs/get', { run_id })).body.run;
    const keysOf = (list: readonly { readonly key: string }[]) => list.map(({ key }) => key);
    expect(keysOf(data.params).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(keysOf(data.metrics).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(data.tags).toContainEqual({ key: '__proto__', value: 't' });
    expect((await call('POST', '2.0/mlflow/runs/delete-tag', { run_id, key: 'valueOf' })).status).toBe(404);
  });
});
