import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/request-packaging/handler.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const BY = { principal: 'ann', atMs: 10 };
const CONTEXT = { awsRequestId: 'request-1' };
const UPLOAD = 'a'.repeat(32);

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const open = async (model = 'toy', tags: Readonly<Record<string, string>> = {}) => {
  const { registry, catalog } = createMemoryRegistry();
  await catalog.createModel({ model, description: '', tags: {} }, BY);
  await catalog.createVersion(model, { source: 's3://b/k', description: '', tags, userId: 'ann' }, BY);
  const started: { readonly name: string; readonly input: unknown }[] = [];
  const handler = createHandler({
    stateMachineArn: 'arn:machine',
    definitions: new Map([['toy', benchDefinition()]]),
    registry,
    executions: {
      start: async ({ name, input }) => {
        started.push({ name, input });
        return 'started';
      },
    },
  });
  return { catalog, handler, started };
};

const registered = (change: object = {}, data: object = {}) => ({
  source: 'millrace',
  'detail-type': 'Registry Changed',
  detail: {
    workspace: 'default',
    entity: 'model_version',
    action: 'created',
    data: { name: 'toy', version: '1', ...data },
    ...change,
  },
});
const requested = (detail: object) => ({ source: 'millrace', 'detail-type': 'Packaging Requested', detail });

describe('request-packaging', () => {
  it('starts one workflow for a registration, in the client’s name, however often it is told', async () => {
    const { handler, started } = await open();

    for (const _ of [1, 2]) await handler(registered(), CONTEXT);

    expect(started[0]?.name).toMatch(/^package-[0-9a-f]{32}$/);
    expect(started[1]).toEqual(started[0]);
    expect(started[0]?.input).toEqual({
      model: 'toy',
      uploadId: started[0]?.name.slice('package-'.length),
      cause: { kind: 'client-version', principal: 'ann', version: 1, registeredAtMs: 10 },
    });
  });

  it('starts another one for each person’s own request', async () => {
    const { handler, started } = await open();
    const ask = (requestId: string) =>
      handler(requested({ kind: 'version', model: 'toy', version: 1, principal: 'bob', requestId }), CONTEXT);

    await handler(registered(), CONTEXT);
    for (const id of ['1', '1', '2']) await ask(id);

    expect(new Set(started.map(({ name }) => name)).size).toBe(3);
    expect(started[1]?.input).toMatchObject({ cause: { principal: 'bob' } });
  });

  it('takes in an upload under its id', async () => {
    const { handler, started } = await open();
    const upload = { kind: 'upload', model: 'toy', uploadId: UPLOAD, principal: 'bob' };

    await handler(requested(upload), CONTEXT);

    const cause = { kind: 'upload', principal: 'bob', uploadId: UPLOAD };
    expect(started).toEqual([{ name: `upload-${UPLOAD}`, input: { model: 'toy', uploadId: UPLOAD, cause } }]);
  });

  it.each([
    ['another workspace’s version', registered({ workspace: 'lab' }), 'asks for no package'],
    ['a prompt', registered({ entity: 'prompt_version' }), 'asks for no package'],
    ['a version that is gone', registered({}, { version: '7' }), 'not registered'],
  ])('leaves %s alone', async (_what, event, reason) => {
    const { handler, started } = await open();

    expect(await handler(event, CONTEXT)).toEqual({ outcome: 'left', reason: expect.stringContaining(reason) });
    expect(started).toEqual([]);
  });

  it('leaves a model that nothing defines to MLflow, and says so', async () => {
    const { handler } = await open('other');

    expect(await handler(registered({}, { name: 'other' }), CONTEXT)).toMatchObject({
      reason: expect.stringContaining('no folder of models/ defines other: it stays a reference to s3://b/k'),
    });
  });

  it('refuses an event of another form', async () => {
    const { handler } = await open();

    await expect(handler({ source: 'aws.s3' }, CONTEXT)).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
