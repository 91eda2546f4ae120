import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/decide-approval/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const open = async (approval: 'automatic' | 'manual') => {
  const { registry } = createMemoryRegistry();
  await registry.registerVersion(
    {
      model: 'toy',
      runId: 'run-1',
      owner: 'ann',
      modelDigest: 'd',
      artifactPrefix: 'p/',
      manifestDigest: 'm',
      metrics: {},
      trainedThroughMs: 1,
      datasetSnapshot: 's',
      registeredAtMs: 1,
    },
    1_000,
  );
  const events = createMemoryEventPublisher();
  const definitions = new Map([['toy', benchDefinition({ approval })]]);
  const handler = createHandler({ definitions, registry, events, clock: { nowMs: () => 7 } });
  return { registry, events, decide: () => handler({ model: 'toy', version: 1 }) };
};
const decision = { model: 'toy', version: 1, decidedBy: 'ann', decidedAtMs: 3 } as const;

describe('decide-approval', () => {
  it('approves by policy, and announces it again when it runs again', async () => {
    const { registry, events, decide } = await open('automatic');

    expect(await decide()).toEqual({ step: 'approve' });
    expect(await decide()).toEqual({ step: 'announce' });

    expect(await registry.getVersion('toy', 1)).toMatchObject({ status: 'APPROVED', decidedBy: 'policy:automatic' });
    const approved = { model: 'toy', version: 1, principal: 'policy:automatic' };
    expect(events.published).toEqual([
      { type: 'Model Version Approved', detail: approved },
      { type: 'Model Version Approved', detail: approved },
    ]);
  });

  it('asks a person where the definition wants one, and leaves the version pending', async () => {
    const { registry, events, decide } = await open('manual');

    await decide();

    expect((await registry.getVersion('toy', 1)).status).toBe('PENDING_APPROVAL');
    expect(events.published).toEqual([
      { type: 'Approval Requested', detail: { model: 'toy', version: 1, runId: 'run-1' } },
    ]);
  });

  it('leaves a version that a person rejected', async () => {
    const { registry, events, decide } = await open('automatic');
    await registry.decideVersion({ ...decision, status: 'REJECTED' });

    expect(await decide()).toEqual({ step: 'leave' });
    expect(events.published).toEqual([]);
  });
});
