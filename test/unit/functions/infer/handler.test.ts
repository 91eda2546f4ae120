import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCapture } from '../../../../functions/infer/capture-predictions.ts';
import { createHandler } from '../../../../functions/infer/handler.ts';
import { createServedModel, type ServedModel } from '../../../../functions/infer/load-served-model.ts';
import { createPredictionId } from '../../../../functions/infer/prediction-id.ts';
import { servableModel } from '../../../../functions/infer/servable-model.ts';
import type { Tensor } from '../../../../shared/core/inference/index.ts';
import type { ApiGatewayResult } from '../../../../shared/http/index.ts';
import type { LoadedModel } from '../../../../shared/ports/model-runtime.ts';
import { fuzzCount, malformedRequest } from '../../../helpers/malformed-requests.ts';

const AT_MS = Date.UTC(2026, 10, 21);
const DIGEST = 'd'.repeat(64);
const ANN = 'arn:aws:iam::123456789012:user/ann';

const shape = [-1, 1];
const SIGNATURE = {
  task: 'regression' as const,
  inputs: [
    { name: 'x', datatype: 'FP32' as const, shape, nullable: true },
    { name: 'kind', datatype: 'BYTES' as const, shape, nullable: false },
  ],
  outputs: [{ name: 'value', datatype: 'FP32' as const, shape }],
};

/** Answers twice `x`, and one more for each letter of `kind`; in the graph, `kind` comes first. */
const answer = (inputs: readonly Tensor[]): readonly Tensor[] => {
  const [kind, x] = inputs as readonly [Tensor, Tensor];
  const data = Float32Array.from(
    x.data as Float32Array,
    (value, row) => 2 * (value || 0) + String(kind.data[row]).length,
  );
  return [{ name: 'value', datatype: 'FP32', shape: [data.length, 1], data }];
};

const model = (run: LoadedModel['run']): ServedModel => ({
  version: 7,
  modelDigest: DIGEST,
  signature: SIGNATURE,
  runtime: {
    engine: 'interpreter',
    inputs: SIGNATURE.inputs.toReversed(),
    outputs: SIGNATURE.outputs,
    run,
    predict: async ({ x, kind }, rowCount) => {
      const [kinds, numbers] = [kind, x] as readonly [readonly string[], Float32Array];
      const inputs: readonly Tensor[] = [
        { name: 'kind', datatype: 'BYTES', shape: [rowCount, 1], data: kinds },
        { name: 'x', datatype: 'FP32', shape: [rowCount, 1], data: numbers },
      ];
      const [output] = await run(inputs);
      return output?.data as Float32Array;
    },
    release: async () => {},
  },
});

const logged: string[] = [];
vi.spyOn(console, 'log').mockImplementation((line: string) => void logged.push(line));
afterEach(() => void logged.splice(0));

const open = (served: ServedModel | undefined, put?: () => Promise<void>) => {
  const captured: unknown[] = [];
  const clock = { nowMs: () => AT_MS };
  const stream = { put: put ?? (async (records: readonly unknown[]) => void captured.push(...records)) };
  const handler = createHandler({
    model: 'toy',
    servedModel: createServedModel(served && (async () => served)),
    predictionId: createPredictionId(clock),
    lambdaVersion: '3',
    capture: createCapture({ stage: 'test', stream, limitMs: 20, clock }),
    clock,
  });
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    (await handler({
      httpMethod: method,
      path,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
      requestContext: { requestId: 'r-1', extendedRequestId: 'unique', identity: { userArn: ANN, apiKeyId: 'k1' } },
    })) as ApiGatewayResult;
  return { handler, call, captured };
};
const told = ({ statusCode, body }: ApiGatewayResult) => ({ statusCode, body: JSON.parse(body) as unknown });

describe('a prediction', () => {
  it('by feature name is answered, and captured as the model took it', async () => {
    const { call, captured } = open(model(answer));

    const asked = {
      instances: [{ features: { kind: 'ab', x: 0.1 }, predictionId: 'mine' }, { features: { kind: '', x: null } }],
    };
    const { statusCode, body } = told(await call('POST', '/models/toy/predict', asked));

    const own = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect({ statusCode, body }).toEqual({
      statusCode: 200,
      body: {
        model: 'toy',
        version: 7,
        predictions: [
          { predictionId: 'mine', value: 2.2 },
          { predictionId: own, value: 0 },
        ],
      },
    });
    const line = {
      kind: 'prediction',
      atMs: AT_MS,
      model: 'toy',
      version: 7,
      modelDigest: DIGEST,
      lambdaVersion: '3',
      latencyMs: expect.any(Number),
      engine: 'interpreter',
      // By the id that a caller cannot choose, and the rows of the whole request.
      request: { id: 'unique', rowCount: 2, principal: ANN, apiKeyId: 'k1' },
    };
    expect(captured).toEqual([
      { ...line, predictionId: 'mine', inputs: { x: 0.1, kind: 'ab' }, output: Math.fround(2.2) },
      { ...line, predictionId: own, inputs: { x: null, kind: '' }, output: 0 },
    ]);
  });

  it('that is asked again is the same prediction', async () => {
    const { call, captured } = open(model(answer));
    const asked = { features: { x: 1, kind: 'a' } };

    const [first, second] = [
      await call('POST', '/models/toy/predict', asked),
      await call('POST', '/models/toy/predict', asked),
    ];

    expect(first.body).toBe(second.body);
    expect(new Set(captured.map((record) => (record as { predictionId: string }).predictionId)).size).toBe(1);
  });

  it('by tensors in binary form is answered in binary form, as API Gateway carries bytes', async () => {
    const { handler } = open(model(answer));
    const json = JSON.stringify({
      parameters: { binary_data_output: true },
      inputs: [
        { name: 'x', shape: [1, 1], datatype: 'FP32', parameters: { binary_data_size: 4 } },
        { name: 'kind', shape: [1, 1], datatype: 'BYTES', data: ['abc'] },
      ],
    });
    const body = Buffer.concat([Buffer.from(json), Buffer.from(Float32Array.of(1.5).buffer)]);

    const { statusCode, headers, ...rest } = (await handler({
      httpMethod: 'POST',
      path: '/v2/models/toy/versions/7/infer',
      headers: { 'content-TYPE': 'application/octet-stream', 'Inference-Header-Content-Length': String(json.length) },
      body: body.toString('base64'),
      isBase64Encoded: true,
    })) as ApiGatewayResult;

    expect({ statusCode, isBase64Encoded: rest.isBase64Encoded }).toEqual({ statusCode: 200, isBase64Encoded: true });
    const bytes = Buffer.from(rest.body, 'base64');
    expect(bytes.readFloatLE(bytes.length - 4)).toBe(6);
    expect(Number(headers['inference-header-content-length'])).toBe(bytes.length - 4);
  });

  it('never waits long for its capture, and says that it was not captured', async () => {
    const { call } = open(model(answer), () => new Promise(() => {}));

    const { statusCode } = await call('POST', '/models/toy/predict', { features: { x: 1, kind: 'a' } });

    expect(statusCode).toBe(200);
    expect(JSON.parse(logged.join())).toMatchObject({ CaptureFailed: 1, errorName: 'CaptureTimeoutError' });
  });
});

describe('what is not served', () => {
  it('is refused: no version yet, another version, another model', async () => {
    const asked = { features: { x: 1, kind: 'a' } };
    const none = open(undefined);
    const { call } = open(model(answer));

    expect(told(await none.call('POST', '/models/toy/predict', asked))).toMatchObject({
      statusCode: 503,
      body: { detail: 'no version of toy is in service yet' },
    });
    expect(told(await none.call('GET', '/v2/models/toy/ready'))).toEqual({
      statusCode: 503,
      body: { error: 'no version of toy is in service yet' },
    });
    expect(told(await call('GET', '/v2/models/toy/versions/6'))).toEqual({
      statusCode: 404,
      body: { error: 'version 6 of toy is not in service; version 7 is' },
    });
    expect(told(await call('GET', '/v2/models/other'))).toEqual({
      statusCode: 404,
      body: { error: 'model other is not served here' },
    });
  });
});

describe('a model that fails on a sound row', () => {
  const asked = { features: { x: 1, kind: 'a' } };
  const failing: LoadedModel['run'] = () => {
    throw new Error('a shape that the graph does not take');
  };
  const late: LoadedModel['run'] = async () => failing([]);
  const infinite: LoadedModel['run'] = () => [
    { name: 'value', datatype: 'FP32', shape: [1, 1], data: Float32Array.of(Number.POSITIVE_INFINITY) },
  ];

  it.each([
    ['at once', failing, 'version 7 failed on 1 rows'],
    ['later', late, 'version 7 failed on 1 rows'],
    ['by what it answers', infinite, 'version 7 of toy gave an output that is not finite'],
  ])('%s fails the invocation, which a canary is judged by, and nothing is captured', async (_, run, says) => {
    const { call, captured } = open(model(run));

    await expect(call('POST', '/models/toy/predict', asked)).rejects.toMatchObject({
      name: 'InferenceFailedError',
      message: 'internal error, request r-1',
    });
    expect(captured).toEqual([]);
    expect(JSON.parse(logged.join())).toMatchObject({ level: 'error', requestId: 'r-1', errorMessage: says });
  });

  it('fails its smoke test too', async () => {
    const smoke = { smokeTest: { model: 'toy' } };

    expect(await open(model(answer)).handler(smoke)).toEqual({ model: 'toy', version: 7, output: 0 });
    await expect(open(model(late)).handler(smoke)).rejects.toThrow('version 7 failed on its smoke test');
    await expect(open(model(infinite)).handler(smoke)).rejects.toThrow('version 7 gave an output that is not finite');
  });
});

it('refuses malformed requests in words, and fails no invocation by any of them', { timeout: 1_200_000 }, async () => {
  const { handler } = open(model(answer));
  const models = [servableModel('toy', model(answer))];
  const statuses = new Map<number, number>();
  for (let number = 0; number < fuzzCount(1_000); number += 1) {
    const { method, path, headers, body } = malformedRequest(models, number);
    const asText = number % 2 === 0 && headers['inference-header-content-length'] === undefined;
    const { statusCode, ...rest } = (await handler({
      httpMethod: method,
      path,
      headers,
      body: asText ? new TextDecoder().decode(body) : Buffer.from(body).toString('base64'),
      isBase64Encoded: !asText,
    })) as ApiGatewayResult;
    if (statusCode >= 400) expect(JSON.parse(rest.body), `request ${number}`).toBeTypeOf('object');
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
  }

  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400, 404, 405, 415]));
});
