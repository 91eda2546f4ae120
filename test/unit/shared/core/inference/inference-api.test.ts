import { describe, expect, it } from 'vitest';
import type { ServableModel } from '../../../../../shared/core/inference/index.ts';
import { NotFoundError, UnavailableError } from '../../../../../shared/kernel/errors.ts';
import { asking, createTestHost, TEST_MODELS, toyTensors } from '../../../../helpers/inference-models.ts';

const ask = asking();

const infer = (body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  ask({ path: '/v2/models/toy/infer', body, headers });

describe('what is not a caller’s mistake', () => {
  const failingModel = (run: ServableModel['run']): ServableModel => ({ ...(TEST_MODELS[0] as ServableModel), run });
  const body = { inputs: toyTensors() };
  const path = '/v2/models/toy/infer';
  const nan = { name: 'probability', datatype: 'FP32', shape: [2, 1], data: Float32Array.of(1, Number.NaN) } as const;

  it.each([
    [
      'fails at once',
      failingModel(() => {
        throw new Error('boom');
      }),
      /boom/,
    ],
    ['fails later', failingModel(() => Promise.reject(new Error('boom'))), /boom/],
    ['gives NaN', failingModel(() => [nan]), /version 3 of toy gave an output that is not finite/],
    ['gives too little', failingModel(() => [{ ...nan, data: Float32Array.of(1) }]), /gave 1 outputs for 2 rows/],
  ])('a model that %s is thrown on, or heard of and answered', async (_name, model, says) => {
    const host = createTestHost({ find: () => model });
    const heard: unknown[] = [];

    await expect(asking(host)({ path, body })).rejects.toThrow(says);
    const answer = await asking(host, { unexpected: (error) => heard.push(error) })({ path, body });

    expect({ status: answer.status, json: answer.json }).toEqual({
      status: 500,
      json: { error: 'internal error, request request' },
    });
    expect(heard).toMatchObject([{ message: expect.stringMatching(says) }]);
    expect(host.captured).toEqual([]);
  });

  it('a model that cannot be had now is 503, and may be asked again', async () => {
    const host = createTestHost({
      find: async () => {
        throw new UnavailableError('no version of toy is in service yet');
      },
    });

    const { status, headers, json } = await asking(host)({ path, body });

    expect({ status, retry: headers['retry-after'], json }).toEqual({
      status: 503,
      retry: '1',
      json: { error: 'no version of toy is in service yet' },
    });
  });
});

describe('a path', () => {
  const server = { name: 'millrace', version: '2', isReady: () => false };

  it.each([
    ['GET', '/v2/models/toy', 200, { name: 'toy', versions: ['3'], platform: 'onnx_onnxv1' }],
    ['GET', '/v2/models/toy/versions/3', 200, { name: 'toy' }],
    ['GET', '/v2/models/toy/ready', 200, { name: 'toy', ready: true }],
    ['GET', '/v2/models/toy/versions/9/ready', 404, { error: 'version 9 of toy is not in service; version 3 is' }],
    ['GET', '/v2/models/nope', 404, { error: 'model "nope" is not deployed' }],
    ['POST', '/v2/models/toy/versions/9/infer', 404, { error: expect.stringMatching(/version 9/) }],
    ['GET', '/v2/models/toy/infer', 405, { error: expect.stringMatching(/GET is not allowed at .*; allowed: POST/) }],
    ['constructor', '/v2/models/toy', 405, { error: expect.stringMatching(/allowed: GET/) }],
    ['GET', '/v2', 404, { error: 'nothing is at /v2' }],
    ['GET', '/models/%ff/predict', 404, { detail: 'nothing is at /models/%ff/predict' }],
    ['GET', '/ping', 404, { detail: 'nothing is at /ping' }],
  ])('%s %s of a model alone is answered %i', async (method, path, status, says) => {
    const answer = await ask({ method, path });

    expect(answer.status).toBe(status);
    expect(answer.json).toMatchObject(says);
  });

  it.each([
    ['/v2', 200, { name: 'millrace', version: '2', extensions: ['binary_tensor_data'] }],
    ['/v2/health/live', 200, { live: true }],
    ['/v2/health/ready', 503, { ready: false, live: true }],
    ['/ping', 503, undefined],
    ['/version', 200, 2],
  ])('%s of a server that is not ready is answered %i', async (path, status, json) => {
    const answer = await asking(createTestHost(), { server })({ method: 'GET', path });

    expect({ status: answer.status, json: answer.json }).toEqual({
      status,
      json: typeof json === 'object' ? expect.objectContaining(json) : json,
    });
  });

  it('of a model that is not loaded yet says so without loading it', async () => {
    const host = createTestHost({
      isReady: (model) => {
        if (model === 'nope') throw new NotFoundError('no nope');
        return false;
      },
    });
    const answers = ['toy', 'nope'].map((model) => asking(host)({ method: 'GET', path: `/v2/models/${model}/ready` }));

    expect((await Promise.all(answers)).map(({ status, json }) => ({ status, json }))).toEqual([
      { status: 503, json: { name: 'toy', ready: false, error: 'model toy is not ready' } },
      { status: 404, json: { error: 'no nope' } },
    ]);
  });
});

describe('a body', () => {
  it.each([
    [413, { body: `"${'a'.repeat(1_000_000)}"` }, /the body has 1000002 bytes, at most 1000000 are allowed/],
    [413, { body: `"${'é'.repeat(500_000)}"` }, /the body has 1000002 bytes/],
    [
      415,
      { body: '{}', headers: { 'content-type': 'text/plain' } },
      /content-type must be application\/json, got text\/plain/,
    ],
    [
      415,
      { body: '{}', headers: { 'content-type': 'application/octet-stream' } },
      /application\/octet-stream with the header inference-header-content-length/,
    ],
    [415, { body: '{}', headers: { 'content-encoding': 'gzip' } }, /content-encoding gzip is not supported/],
    [400, { body: Uint8Array.of(0x22, 0xff, 0x22) }, /the body is not UTF-8 text/],
    [400, { body: '"\ufffd"' }, /holds the replacement character/],
    [400, { body: '{"inputs":[NaN]}' }, /the body is not JSON: Unexpected token 'N'/],
  ])('is answered %i', async (status, request, says) => {
    let looked = false;
    const host = createTestHost();
    const find: typeof host.find = (...args) => {
      looked = true;
      return host.find(...args);
    };

    const answer = await asking({ ...host, find })({ path: '/v2/models/toy/infer', ...request });

    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: expect.stringMatching(says) });
    if (status === 413) expect(looked).toBe(false);
  });

  it.each([undefined, 'application/json; charset=utf-8', 'application/vnd.x+json', ''])(
    'of type %s is read as JSON',
    async (type) => {
      const headers = type === undefined ? {} : { 'content-type': type };
      const { status } = await infer({ inputs: toyTensors() }, headers);

      expect(status).toBe(type === '' ? 415 : 200);
    },
  );
});
