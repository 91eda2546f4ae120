import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/decide-approval/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Setting = Parameters<typeof benchDefinition>[0];

const open = async (approval: NonNullable<Setting>['approval'] & {}, gate?: { readonly passed: boolean }) => {
  const { registry } = createMemoryRegistry();
  await registry.registerVersion(
    {
      model: 'toy',
      runId: 'run-1',
      owner: 'ann',
      principal: 'workflow:train',
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
  const handler = createHandler({
    definitions,
    registry,
    files: { gate: async () => gate },
    events,
    clock: { nowMs: () => 7 },
  });
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
      {
        type: 'Approval Requested',
        detail: { model: 'toy', version: 1, runId: 'run-1', report: '/models/toy/versions/1/report' },
      },
    ]);
  });

  it('leaves a version that a person rejected', async () => {
    const { registry, events, decide } = await open('automatic');
    await registry.decideVersion({ ...decision, status: 'REJECTED' });

    expect(await decide()).toEqual({ step: 'leave' });
    expect(events.published).toEqual([]);
  });

  it.each([
    ['passed', { passed: true }, 'approve', 'APPROVED'],
    ['failed', { passed: false }, 'ask', 'PENDING_APPROVAL'],
    ['absent', undefined, 'ask', 'PENDING_APPROVAL'],
  ])('approves by policy only as its rules allow: an evaluation that is %s', async (_what, gate, step, status) => {
    const { registry, decide } = await open({ mode: 'automatic', requires: { gate: 'passed' } }, gate);

    expect(await decide()).toEqual({ step });

    expect((await registry.getVersion('toy', 1)).status).toBe(status);
  });

  it('stores the rules with the approval that was held to them', async () => {
    const { registry, decide } = await open({ mode: 'automatic', requires: { gate: 'passed' } }, { passed: true });

    await decide();

    expect((await registry.getVersion('toy', 1)).decisionEvidence).toEqual([
      { rule: 'gate', passed: true, detail: 'its quality gate was passed' },
    ]);
  });
});
