import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/collect-model/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';

const SIGNATURE = {
  task: 'regression',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 1], nullable: false }],
  outputs: [{ name: 'value', datatype: 'FP32', shape: [-1, 1] }],
};
const JOB_PREFIX = 'runs/toy/run-1/candidate/jobs/job/output/model/';
const RUN = { model: 'toy', runId: 'run-1', phase: 'candidate', prefix: JOB_PREFIX };

const open = async (files: Readonly<Record<string, string>>) => {
  const artifacts = createMemoryArtifactStore();
  for (const [file, text] of Object.entries(files)) {
    await artifacts.put(`${JOB_PREFIX}${file}`, new TextEncoder().encode(text));
  }
  return { artifacts, handler: createHandler({ artifacts }) };
};
const COMPLETE = { 'model.onnx': 'onnx', 'signature.json': JSON.stringify(SIGNATURE), 'metrics.json': '{"rounds":7}' };

describe('collect-model', () => {
  it('brings a job’s output to the phase’s own folder', async () => {
    const { artifacts, handler } = await open(COMPLETE);

    const collected = await handler(RUN);

    expect(collected).toEqual({
      modelDigest: '87e93f89f2be0db364e8be052f79f389e6c2da239831922e24513288af522a43',
      rounds: 7,
    });
    const keys = (await artifacts.list('runs/toy/run-1/candidate/model/')).map(({ key }) => key);
    expect(keys).toHaveLength(3);
  });

  it('brings the counts of training rows that a trainer of trees left, and refuses others', async () => {
    const covers = { 'covers.json': '{"schemaVersion":1,"covers":[10,4,6]}' };
    const { artifacts, handler } = await open({ ...COMPLETE, ...covers });

    await handler(RUN);

    const brought = await artifacts.get('runs/toy/run-1/candidate/model/covers.json');
    expect(new TextDecoder().decode(brought)).toBe(covers['covers.json']);
    const wrong = await open({ ...COMPLETE, 'covers.json': '{"schemaVersion":1,"covers":[-1]}' });
    await expect(wrong.handler(RUN)).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });

  it('knows no rounds when the trainer reports none', async () => {
    const { handler } = await open({ ...COMPLETE, 'metrics.json': '{"loss":1}' });

    expect((await handler(RUN)).rounds).toBeNull();
  });

  it.each([
    ['leaves no model', { 'signature.json': COMPLETE['signature.json'] }, 'left no model.onnx, metrics.json'],
    ['describes its model badly', { ...COMPLETE, 'signature.json': '{"task":"guess"}' }, 'signature.json is invalid'],
    ['writes no JSON', { ...COMPLETE, 'metrics.json': 'loss=1' }, 'metrics.json is not JSON'],
  ])('refuses a trainer that %s', async (_what, files, message) => {
    const { handler } = await open(files);

    await expect(handler(RUN)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining(message),
    });
  });

  it('takes nothing from outside the run', async () => {
    const { handler } = await open(COMPLETE);

    await expect(handler({ ...RUN, prefix: 'models/toy/x/' })).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
