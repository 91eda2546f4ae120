import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/record-run/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';

const CAUSE = { kind: 'schedule', scheduledAt: '2001-02-18T00:00:00Z' };
const RUN = { model: 'toy', runId: 'run-1' };
const START = { ...RUN, executionArn: 'arn:execution', cause: CAUSE, startedAtMs: 5 };

const open = () => {
  const { registry } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const handler = createHandler({ registry, events, clock: { nowMs: () => 9 } });
  const runs = async () => (await registry.listRuns('toy', 10)).items;
  return { handler, events, runs };
};

describe('record-run', () => {
  it('records a run from start to end, each step twice without a difference', async () => {
    const { handler, runs } = open();

    for (const _ of [1, 2]) await handler({ action: 'start', ...START });
    for (const _ of [1, 2]) await handler({ action: 'finish', ...RUN, outcome: 'passed', version: 3 });

    expect(await runs()).toEqual([{ ...START, status: 'FINISHED', endedAtMs: 9, outcome: 'passed', version: 3 }]);
  });

  it('finishes a refused run with the gate’s numbers and publishes them', async () => {
    const { handler, events, runs } = open();
    await handler({ action: 'start', ...START });

    await handler({ action: 'refuse', ...RUN, cause: CAUSE, outcome: 'loss 0.9 > 0.4' });

    expect(await runs()).toMatchObject([{ status: 'FINISHED', outcome: 'loss 0.9 > 0.4' }]);
    expect(events.published).toEqual([
      { type: 'Training Refused', detail: { model: 'toy', cause: CAUSE, reason: 'loss 0.9 > 0.4' } },
    ]);
  });

  it('records a failure even if its start never was, with the message of the error', async () => {
    const { handler, runs } = open();
    const errorCause = JSON.stringify({ errorType: 'InvalidRequestError', errorMessage: 'got 12 rows', trace: [] });

    await handler({ action: 'fail', ...START, error: 'InvalidRequestError', errorCause });

    expect(await runs()).toMatchObject([{ status: 'FAILED', outcome: 'InvalidRequestError: got 12 rows' }]);
  });

  it('refuses a run id that could leave the run’s folder', async () => {
    const { handler } = open();

    const start = handler({ action: 'start', ...START, runId: '../models' });

    await expect(start).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
