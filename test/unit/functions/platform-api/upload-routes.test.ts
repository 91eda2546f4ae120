import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/platform-api/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const ID = 'a'.repeat(32);
const RUN = { model: 'toy', runId: `upload-${ID}` };

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const open = () => {
  const { registry, catalog } = createMemoryRegistry();
  const artifacts = createMemoryArtifactStore();
  const events = createMemoryEventPublisher();
  const sign = vi.fn(async (key: string, sizeBytes: number) => ({
    url: `https://b/${key}`,
    headers: { 'content-length': String(sizeBytes) },
    expiresAtMs: 900_000,
  }));
  const deps = { registry, artifacts, events, uploads: { newId: () => ID, sign }, clock: { nowMs: () => 77 } };
  const handler = createHandler({ ...deps, definitions: new Map([['toy', benchDefinition()]]) } as never);
  const ask = async (method: string, path: string, body?: object, principal = 'ann') => {
    const { statusCode, body: answer } = await handler({
      httpMethod: method,
      path,
      headers: {},
      requestContext: { requestId: 'request-1', identity: { userArn: principal } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: statusCode, body: JSON.parse(answer) };
  };
  const putFile = () => artifacts.put(`uploads/toy/${ID}/model.onnx`, new Uint8Array([1]));
  return { artifacts, ask, catalog, events, putFile, registry, sign };
};

describe('bringing a model to the platform API', () => {
  it('gives a place for a file of the length that is said', async () => {
    const { ask, sign } = open();

    const { status, body } = await ask('POST', '/models/toy/uploads', { sizeBytes: 9 });

    expect(sign).toHaveBeenCalledWith(`uploads/toy/${ID}/model.onnx`, 9);
    expect(status).toBe(201);
    expect(body).toEqual({
      model: 'toy',
      uploadId: ID,
      method: 'PUT',
      url: `https://b/uploads/toy/${ID}/model.onnx`,
      headers: { 'content-length': '9' },
      expiresAt: '1970-01-01T00:15:00.000Z',
    });
  });

  it.each([
    ['too long', '/models/toy/uploads', { sizeBytes: 250_000_001 }, 400, 'at most 250000000'],
    ['empty', '/models/toy/uploads', { sizeBytes: 0 }, 400, 'at least 1'],
    ['of no length', '/models/toy/uploads', {}, 400, 'sizeBytes is missing'],
    ['for an unknown model', '/models/other/uploads', { sizeBytes: 9 }, 404, 'is not deployed'],
    ['that never came', '/models/toy/versions', { uploadId: ID }, 404, 'no file has come'],
    ['of another id', '/models/toy/versions', { uploadId: '../x' }, 400, '32 hex digits'],
    [
      'with a tag too long',
      '/models/toy/versions',
      { uploadId: ID, tags: { a: 'x'.repeat(1_001) } },
      400,
      '1000 bytes',
    ],
    ['with a word too many', '/models/toy/versions', { uploadId: ID, name: 'x' }, 400, 'unknown key'],
  ])('refuses a file %s', async (_what, path, body, status, detail) => {
    const answer = await open().ask('POST', path, body);

    expect(answer).toMatchObject({ status, body: { detail: expect.stringContaining(detail) } });
  });

  it('takes a submission once, in the name of who came first', async () => {
    const { ask, events, putFile } = open();
    await putFile();
    const submission = { uploadId: ID, description: 'd', tags: { b: '2', a: '1' } };

    const first = await ask('POST', '/models/toy/versions', submission);
    const again = await ask('POST', '/models/toy/versions', { ...submission, tags: { a: '1', b: '2' } }, 'bob');
    const other = await ask('POST', '/models/toy/versions', { ...submission, description: 'e' }, 'bob');

    expect([first, again, other].map(({ status }) => status)).toEqual([202, 202, 409]);
    expect(first.body).toEqual({ ...RUN, uploadId: ID, status: `/models/toy/uploads/${ID}` });
    expect(other.body.detail).toContain('submitted before by ann');
    const asked = {
      type: 'Packaging Requested',
      detail: { kind: 'upload', model: 'toy', uploadId: ID, principal: 'ann' },
    };
    expect(events.published).toEqual([asked, asked]);
  });

  it('tells where an upload stands, and every reason against it', async () => {
    const { artifacts, ask, putFile, registry } = open();
    const state = async () => (await ask('GET', `/models/toy/uploads/${ID}`)).body;

    const waiting = await state();
    await putFile();
    const uploaded = await state();
    await ask('POST', '/models/toy/versions', { uploadId: ID });
    const submitted = await state();
    const cause = { kind: 'upload', principal: 'ann', uploadId: ID };
    await registry.startRun({ ...RUN, executionArn: 'arn', cause, startedAtMs: 1 });
    const checking = await state();
    await artifacts.put(`uploads/toy/${ID}/faults.json`, toJsonFile({ schemaVersion: 1, faults: ['a', 'b'] }));
    await registry.endRun({ ...RUN, status: 'FAILED', endedAtMs: 2, outcome: 'InvalidRequestError: a; b' });

    const states = [waiting, uploaded, submitted, checking].map((one) => one.state);
    expect(states).toEqual(['WAITING_FOR_FILE', 'UPLOADED', 'SUBMITTED', 'CHECKING']);
    expect(await state()).toEqual({ ...RUN, uploadId: ID, state: 'REFUSED', reasons: ['a', 'b'] });
  });
});

describe('asking for the package of a client’s version', () => {
  const by = { principal: 'ann', atMs: 3 };
  const registered = async (model: string) => {
    const opened = open();
    await opened.catalog.createModel({ model, description: '', tags: {} }, by);
    await opened.catalog.createVersion(model, { source: 's3://b/k', description: '', tags: {} }, by);
    return opened;
  };

  it('is told to the bus, and to look at the version', async () => {
    const { ask, events } = await registered('toy');

    const { status, body } = await ask('POST', '/models/toy/versions/1/package');

    const detail = { model: 'toy', version: 1, principal: 'ann', requestId: 'request-1' };
    expect({ status, body }).toEqual({ status: 202, body: { ...detail, status: '/models/toy/versions/1' } });
    expect(events.published).toEqual([{ type: 'Packaging Requested', detail: { kind: 'version', ...detail } }]);
  });

  it('is refused with a word on where to serve a model that nothing defines', async () => {
    const { ask, events } = await registered('other');

    const { status, body } = await ask('POST', '/models/other/versions/1/package');

    expect(status).toBe(409);
    expect(body.detail).toContain('it stays a reference to s3://b/k, to be loaded from there by MLflow');
    expect(events.published).toEqual([]);
  });

  it('is answered by the version where it has one', async () => {
    const { ask, events, registry } = await registered('toy');
    const made = { model: 'toy', version: 1, runId: 'run-1', owner: 'o', principal: 'p', atMs: 4, modelDigest: 'd' };
    const files = { artifactPrefix: 'models/toy/d/', manifestDigest: 'm', metrics: {}, trainedThroughMs: 1 };
    const rest = { datasetSnapshot: 's', trackingRunId: 't', submittedBy: 'ann', tag: 'k' };
    await registry.packageVersion({ ...made, ...files, ...rest }, () => {});

    const { status, body } = await ask('POST', '/models/toy/versions/1/package');

    expect({ status, version: body.version, events: events.published }).toEqual({
      status: 200,
      version: 1,
      events: [],
    });
  });

  it('finds no version that is not there', async () => {
    expect((await open().ask('POST', '/models/toy/versions/1/package')).status).toBe(404);
  });
});
