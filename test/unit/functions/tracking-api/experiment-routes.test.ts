import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../../shared/kernel/errors.ts';
import type { TrackingStore } from '../../../../shared/ports/tracking-store.ts';
import type { MlflowCaller } from '../../../helpers/mlflow-call.ts';
import { callTracking, memoryPorts } from '../../../helpers/tracking-routes.ts';

const create = async (call: MlflowCaller, name: string): Promise<string> =>
  (await call('POST', '2.0/mlflow/experiments/create', { name })).body.experiment_id;

const createRun = async (call: MlflowCaller, experimentId: string): Promise<string> =>
  (await call('POST', '2.0/mlflow/runs/create', { experiment_id: experimentId })).body.run.info.run_id;

const stageOf = async ({ index }: TrackingStore, runId: string) => {
  const [run] = await index.readRuns([runId]);
  return run?.info.lifecycleStage;
};

/** Every write of the store: `around` is told its name and when it is done. */
const watched = (tracking: TrackingStore, around: (name: string, write: () => Promise<unknown>) => Promise<unknown>) =>
  Object.fromEntries(
    Object.entries(tracking).map(([name, member]) =>
      typeof member === 'function' && /^(set|change)/.test(name)
        ? [name, (...args: readonly unknown[]) => around(name, () => member(...args))]
        : [name, member],
    ),
  ) as unknown as TrackingStore;

describe('the routes of experiments', () => {
  it('give ids that stand in the order of creation', async () => {
    let nowMs = 1_700_000_000_000;
    const call = callTracking(memoryPorts(), { nowMs: () => nowMs });

    const first = await create(call, 'a');
    nowMs += 1;
    const second = await create(call, 'b');

    expect(first).toMatch(/^1700000000000\d+$/);
    expect(BigInt(second) > BigInt(first)).toBe(true);
  });

  it('draw another id where one is taken', async () => {
    const ids = ['0'.repeat(32), '0'.repeat(32), '1'.repeat(32)];
    const call = callTracking(memoryPorts(), { nowMs: () => 1_700_000_000_000, newId: () => ids.shift() ?? '' });

    const [first, second] = [await create(call, 'a'), await create(call, 'b')];

    expect(second).toMatch(/^1700000000000\d+$/);
    expect(second).not.toBe(first);
    expect(ids).toEqual([]);
  });

  it('give up on ids that are always taken', async () => {
    const call = callTracking(memoryPorts(), { nowMs: () => 1, newId: () => '0'.repeat(32) });
    await create(call, 'a');

    const answer = await call('POST', '2.0/mlflow/experiments/create', { name: 'b' });

    expect(answer).toMatchObject({ status: 400, body: { error_code: 'RESOURCE_ALREADY_EXISTS' } });
  });

  it.each(['delete', 'restore'])('complete on retry a %s that died after any of its writes', async (action) => {
    for (let lastWrite = 1; lastWrite <= 2; lastWrite += 1) {
      const ports = memoryPorts();
      const whole = callTracking(ports);
      const experimentId = await create(whole, 'e');
      const runId = await createRun(whole, experimentId);
      if (action === 'restore') await whole('POST', '2.0/mlflow/experiments/delete', { experiment_id: experimentId });
      let writeCount = 0;
      const dying = watched(ports.tracking, async (_name, write) => {
        writeCount += 1;
        if (writeCount > lastWrite) throw new UnavailableError('died');
        return write();
      });

      const broken = await callTracking({ ...ports, tracking: dying })('POST', `2.0/mlflow/experiments/${action}`, {
        experiment_id: experimentId,
      });
      const retried = await whole('POST', `2.0/mlflow/experiments/${action}`, { experiment_id: experimentId });

      const wanted = action === 'delete' ? 'deleted' : 'active';
      expect([200, 404, 503]).toContain(broken.status);
      // What the client is told at last: done, or that there is nothing of the kind any more.
      expect([200, 404]).toContain(retried.status);
      expect((await ports.tracking.getExperiment(experimentId)).lifecycleStage).toBe(wanted);
      expect(await stageOf(ports.tracking, runId)).toBe(wanted);
    }
  });

  it('delete the run that was created while the others were being deleted', async () => {
    const ports = memoryPorts();
    const whole = callTracking(ports);
    const experimentId = await create(whole, 'e');
    let late: string | undefined;
    const tracking = watched(ports.tracking, async (name, write) => {
      const result = await write();
      if (name === 'setLifecycleOfRuns') late ??= await createRun(whole, experimentId);
      return result;
    });

    const answer = await callTracking({ ...ports, tracking })('POST', '2.0/mlflow/experiments/delete', {
      experiment_id: experimentId,
    });

    expect(answer.status).toBe(200);
    expect(await stageOf(ports.tracking, late ?? '')).toBe('deleted');
  });

  it('leave an experiment active for the next call where its runs took all the time', async () => {
    const ports = memoryPorts();
    const whole = callTracking(ports);
    const experimentId = await create(whole, 'e');
    const late = callTracking(ports, { remainingMs: () => 1_000 });

    const answer = await late('POST', '2.0/mlflow/experiments/delete', { experiment_id: experimentId });

    expect(answer).toMatchObject({ status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE' } });
    expect((await ports.tracking.getExperiment(experimentId)).lifecycleStage).toBe('active');
    const again = await whole('POST', '2.0/mlflow/experiments/delete', { experiment_id: experimentId });
    expect(again.status).toBe(200);
  });

  it('answer fewer experiments than asked where they do not fit into one answer', async () => {
    const call = callTracking();
    const tags = Array.from({ length: 100 }, (_, index) => ({ key: `t${index}`, value: 'v'.repeat(5_000) }));
    for (let count = 0; count < 10; count += 1) {
      await call('POST', '2.0/mlflow/experiments/create', { name: `e${count}`, tags });
    }

    const first = await call('POST', '2.0/mlflow/experiments/search', { max_results: 100 });
    const second = await call('POST', '2.0/mlflow/experiments/search', {
      max_results: 100,
      page_token: first.body.next_page_token,
    });

    expect(first.body.experiments).toHaveLength(8);
    expect(second.body.experiments).toHaveLength(3); // with Default
    expect(second.body).not.toHaveProperty('next_page_token');
  });
});
