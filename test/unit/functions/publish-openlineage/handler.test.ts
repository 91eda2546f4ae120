import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/publish-openlineage/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import {
  datasetNode,
  datasetSnapshotNode,
  featureViewNode,
  modelVersionNode,
  monitorRunNode,
  predictionWindowNode,
  runNode,
} from '../../../../shared/contracts/lineage.ts';
import { type RunEvent, RunEventSchema } from '../../../../shared/contracts/openlineage.ts';

const START_MS = Date.UTC(2026, 10, 21, 6);

const change = (workflow: string, status: string, more: object = {}) => ({
  detail: {
    executionArn: `arn:aws:states:us-east-1:1:execution:millrace-dev-${workflow}:run-1`,
    stateMachineArn: `arn:aws:states:us-east-1:1:stateMachine:millrace-dev-${workflow}`,
    name: 'run-1',
    status,
    startDate: START_MS,
    stopDate: status === 'RUNNING' ? null : START_MS + 5_000,
    input: JSON.stringify({ model: 'toy' }),
    ...more,
  },
});

const open = (post?: (event: RunEvent) => Promise<void>) => {
  const data = createMemoryArtifactStore();
  const events = createMemoryEventPublisher();
  const { lineage } = createMemoryRegistry();
  const handler = createHandler({ stage: 'dev', dataBucket: 'data', lineage, data, events, post });
  const told = () => events.published.map(({ detail }) => v.parse(RunEventSchema, detail));
  return { handler, data, events, lineage, told };
};

describe('publish-openlineage', () => {
  it('tells the start of an execution and its end as one run', async () => {
    const { handler, told, data } = open();

    await handler(change('train-toy', 'RUNNING'));
    await handler(change('train-toy', 'SUCCEEDED'));

    const [start, end] = told();
    expect([start?.eventType, end?.eventType]).toEqual(['START', 'COMPLETE']);
    expect([start?.eventTime, end?.eventTime]).toEqual(['2026-11-21T06:00:00.000Z', '2026-11-21T06:00:05.000Z']);
    expect(end?.run.runId).toBe(start?.run.runId);
    expect(end?.job).toMatchObject({ namespace: 'millrace-dev', name: 'train-toy' });
    expect((await data.list('openlineage/2026-11-21/')).map(({ key }) => key.split(/\d-/).at(-1))).toHaveLength(2);
  });

  it('tells with the end what was read and made', async () => {
    const { handler, lineage, told } = open();
    const run = runNode('toy', 'run-1');
    const recordedAtMs = 1;
    await lineage.record([
      { upstream: datasetNode('toys'), downstream: datasetSnapshotNode('s1'), recordedAtMs },
      { upstream: datasetSnapshotNode('s1'), downstream: run, recordedAtMs },
      { upstream: featureViewNode('toy', 'f1'), downstream: run, recordedAtMs },
      { upstream: run, downstream: modelVersionNode('toy', 3), recordedAtMs },
    ]);

    await handler(change('train-toy', 'SUCCEEDED'));

    const [{ inputs, outputs } = { inputs: [], outputs: [] }] = told();
    const brief = [...inputs, ...outputs].map(({ namespace, name, facets }) => [
      namespace,
      name,
      facets?.version?.datasetVersion,
    ]);
    expect(brief).toEqual([
      ['s3://data', 'datasets/toys', 's1'],
      ['millrace-dev', 'feature-views/toy', 'f1'],
      ['millrace-dev', 'models/toy', '3'],
    ]);
  });

  it('knows a drift check by the last whole day before its schedule', async () => {
    const { handler, lineage, told } = open();
    const input = JSON.stringify({ model: 'toy', scheduledAt: '2026-11-21T05:00:00Z' });
    await lineage.record([
      {
        upstream: predictionWindowNode('toy', '2026-11-20'),
        downstream: monitorRunNode('toy', '2026-11-20'),
        recordedAtMs: 1,
      },
    ]);

    await handler(change('drift-check', 'SUCCEEDED', { input }));

    const [event] = told();
    expect(event?.inputs.map(({ name }) => name)).toEqual(['reports/toy/windows/2026-11-20.json']);
    expect(event?.outputs.map(({ name }) => name)).toEqual(['reports/toy/drift/2026-11-20.json']);
    expect(event?.run.facets?.nominalTime).toMatchObject({ nominalStartTime: '2026-11-21T05:00:00Z' });
  });

  it.each([
    ['FAILED', 'FAIL', 'InvalidRequestError: the data is refused'],
    ['TIMED_OUT', 'FAIL', 'the execution timed out: the data is refused'],
    ['ABORTED', 'ABORT', undefined],
  ])('tells %s as %s', async (status, eventType, message) => {
    const { handler, told } = open();

    await handler(change('train-toy', status, { error: 'InvalidRequestError', cause: 'the data is refused' }));

    expect(told()[0]?.eventType).toBe(eventType);
    expect(told()[0]?.run.facets?.errorMessage?.message).toBe(message);
  });

  it('tells a redriven execution as one that goes on, and its second end beside the first', async () => {
    const { handler, told, data } = open();
    const redriven = { redriveCount: 1, redriveDate: START_MS + 9_000 };

    await handler(change('train-toy', 'FAILED'));
    await handler(change('train-toy', 'RUNNING', redriven));
    await handler(change('train-toy', 'FAILED', { ...redriven, stopDate: START_MS + 12_000 }));

    expect(told().map(({ eventType }) => eventType)).toEqual(['FAIL', 'RUNNING', 'FAIL']);
    expect(await data.list('openlineage/')).toHaveLength(3);
  });

  it('keeps an event that its receiver does not take, and fails, so that it is tried again', async () => {
    const { handler, data, told } = open(() => Promise.reject(new Error('refused')));

    await expect(handler(change('train-toy', 'RUNNING'))).rejects.toThrow('refused');

    expect(await data.list('openlineage/')).toHaveLength(1);
    expect(told()).toEqual([]);
  });

  it('says nothing of an execution that waits for a redrive', async () => {
    const { handler, told } = open();

    await handler(change('train-toy', 'PENDING_REDRIVE'));

    expect(told()).toEqual([]);
  });
});
