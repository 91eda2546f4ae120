import { hash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/infer/handler.ts';
import { createServedModel, type ServedModel } from '../../../../functions/infer/load-served-model.ts';
import { createPredictionId } from '../../../../functions/infer/prediction-id.ts';
import { createArms } from '../../../../functions/infer/route-arms.ts';
import { createRoutedHandler } from '../../../../functions/infer/route-requests.ts';
import { canaryPlan, type RoutingPlan, unitOf } from '../../../../shared/core/routing/index.ts';
import type { ApiGatewayResult } from '../../../../shared/http/index.ts';

const AT_MS = Date.UTC(2026, 10, 21);
const sha256 = (text: string): string => hash('sha256', text);
vi.spyOn(console, 'log').mockImplementation(() => undefined);

const shape = [-1, 1];
const SIGNATURE = {
  task: 'regression' as const,
  inputs: [{ name: 'x', datatype: 'FP32' as const, shape, nullable: false }],
  outputs: [{ name: 'value', datatype: 'FP32' as const, shape }],
};

/** Answers its own number for each row; of -1 it fails. */
const served = (version: number, released: number[]): ServedModel => ({
  version,
  modelDigest: 'd'.repeat(64),
  signature: SIGNATURE,
  runtime: {
    engine: 'interpreter',
    inputs: SIGNATURE.inputs,
    outputs: SIGNATURE.outputs,
    run: ([x]) => {
      const rows = x?.data as Float32Array;
      if (rows[0] === -1) throw new RangeError('no such row');
      return [{ name: 'value', datatype: 'FP32', shape: [rows.length, 1], data: rows.map(() => version) }];
    },
    predict: async () => Float32Array.of(version),
    release: async () => void released.push(version),
  },
});

const member = (version: number) => ({
  version,
  modelDigest: 'd'.repeat(64),
  manifestDigest: 'e'.repeat(64),
  artifactPrefix: `models/toy/${version}/`,
});

const canary = (weight: number, unit?: Parameters<typeof canaryPlan>[1]['settings']['unit']): RoutingPlan => ({
  ...canaryPlan(undefined, {
    model: 'toy',
    rolloutId: 'r-1',
    version: 2,
    champion: 1,
    weight,
    settings: { ...(unit === undefined ? {} : { unit }) },
    atMs: 1,
  }),
  revision: 4,
});

const open = (first: RoutingPlan, { members = [1, 2], residentMb = 100 } = {}) => {
  const captured: Record<string, unknown>[] = [];
  const opened: number[] = [];
  const released: number[] = [];
  let plan = first;
  let random = 0;
  const clock = { nowMs: () => AT_MS };
  const base = { model: 'toy', predictionId: createPredictionId(clock), lambdaVersion: '3', clock };
  const handler = createRoutedHandler({
    model: 'toy',
    lambdaVersion: '3',
    pinnedVersion: 2,
    currentPlan: async () => plan,
    capture: async (records) => void captured.push(...(records as unknown as Record<string, unknown>[])),
    openArms: async (capture) =>
      createArms({
        model: 'toy',
        roster: members.map(member),
        open: ({ version }) => {
          opened.push(version);
          return createServedModel(async () => served(version, released));
        },
        answerBy: (servedModel) => createHandler({ ...base, servedModel, capture }),
        residentBytes: () => residentMb * 2 ** 20,
        memoryBytes: 512 * 2 ** 20,
      }),
    sha256,
    random: () => random,
    clock,
  });
  let requests = 0;
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    requests += 1;
    const { statusCode, body: text } = (await handler({
      httpMethod: method,
      path,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      requestContext: { requestId: `r-${requests}`, extendedRequestId: `u-${requests}` },
    })) as ApiGatewayResult;
    return { statusCode, body: JSON.parse(text) as { version?: number; predictions?: unknown[] } };
  };
  return {
    handler,
    call,
    captured,
    opened,
    released,
    predict: async (x: number, headers?: Record<string, string>) =>
      (await call('POST', '/models/toy/predict', { features: { x } }, headers)).body.version,
    draw: (drawn: number) => {
      random = drawn;
    },
    setPlan: (next: RoutingPlan) => {
      plan = next;
    },
  };
};

const HEADER = { header: 'x-user' };
/** A user on each side of a quarter. */
const userOf = (version: 1 | 2): string => {
  const isCanary = (key: string): boolean => Number.parseInt(unitOf('r-1', key, sha256).slice(0, 4), 16) < 0x4000;
  return Array.from({ length: 50 }, (_, i) => `user-${i}`).find((key) => isCanary(key) === (version === 2)) ?? '';
};

describe('a request', () => {
  it('with a unit is answered by that unit’s version, and captured with how it was assigned', async () => {
    const { predict, captured } = open(canary(0.25, HEADER));

    const versions = [
      await predict(1, { 'x-user': userOf(2) }),
      await predict(1, { 'X-User': userOf(1) }),
      await predict(1, { 'x-user': userOf(2) }),
    ];

    expect(versions).toEqual([2, 1, 2]);
    const unit = (version: 1 | 2) => unitOf('r-1', userOf(version), sha256);
    expect(captured).toMatchObject([
      { version: 2, output: 2, assignment: { unit: unit(2), probability: 0.25, plan: 'r-1#4' }, cold: true },
      { version: 1, output: 1, assignment: { unit: unit(1), probability: 0.75, plan: 'r-1#4' }, cold: true },
      { version: 2, assignment: { unit: unit(2), probability: 0.25 } },
    ]);
    expect(captured[2]).not.toHaveProperty('cold');
    expect(JSON.stringify(captured)).not.toContain('user-');
  });

  it('without a unit is drawn by itself', async () => {
    const { predict, draw, captured } = open(canary(0.25, HEADER));

    const low = await predict(1);
    draw(0.9);
    const high = await predict(1);

    expect([low, high]).toEqual([2, 1]);
    expect(captured.map(({ assignment }) => assignment)).toEqual([
      { probability: 0.25, plan: 'r-1#4' },
      { probability: 0.75, plan: 'r-1#4' },
    ]);
  });

  it('whose rows are of several units is the champion’s, and no evidence', async () => {
    const { call, captured } = open(canary(1, { feature: 'x' }));

    const { body } = await call('POST', '/models/toy/predict', {
      instances: [{ features: { x: 1 } }, { features: { x: 2 } }],
    });

    expect(body).toMatchObject({ version: 1, predictions: [{ value: 1 }, { value: 1 }] });
    expect(captured.map((line) => 'assignment' in line)).toEqual([false, false]);
  });

  it('that names an active version is that one’s, and no evidence; any other is not in service', async () => {
    const { call, captured } = open(canary(0.25, HEADER));
    const infer = { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [1] }] };

    const named = await call('POST', '/v2/models/toy/versions/2/infer', infer);
    const other = await call('POST', '/v2/models/toy/versions/9/infer', infer);

    expect(named.body).toMatchObject({ model_version: '2' });
    expect(captured).toMatchObject([{ version: 2 }]);
    expect(captured[0]).not.toHaveProperty('assignment');
    expect(other).toEqual({ statusCode: 404, body: { error: 'version 9 of toy is not in service; version 1 is' } });
  });

  it('that predicts nothing is the champion’s', async () => {
    const { call, opened } = open(canary(1, HEADER));

    expect((await call('GET', '/v2/models/toy')).body).toMatchObject({ versions: ['1'] });
    expect(opened).toEqual([1]);
  });

  it('of a version that this environment may not serve is the champion’s, and no evidence', async () => {
    const { predict, captured } = open(canary(1, HEADER), { members: [1] });

    expect(await predict(1)).toBe(1);
    expect(captured[0]).not.toHaveProperty('assignment');
  });
});

describe('a version', () => {
  it('is opened when a request first needs it; the champion at once', async () => {
    const { predict, draw, opened } = open(canary(0.25));
    await vi.waitFor(() => expect(opened).toEqual([1]));

    draw(0.9);
    await predict(1);
    const before = [...opened];
    draw(0);
    await Promise.all([predict(1), predict(1)]);

    expect(before).toEqual([1]);
    expect(opened).toEqual([1, 2]);
  });

  it('is let go when the plan gives it nothing any more, and opened again when it does', async () => {
    const { predict, setPlan, opened, released } = open(canary(0.25));
    await predict(1);

    setPlan(canary(0));
    const after = await predict(1);
    await vi.waitFor(() => expect(released).toEqual([2]));
    setPlan(canary(0.25));

    expect([after, await predict(1)]).toEqual([1, 2]);
    expect(opened.toSorted()).toEqual([1, 2, 2]);
  });

  it('that does not fit in memory fails its own requests alone', async () => {
    const { predict, draw, captured } = open(canary(0.25), { residentMb: 450 });
    draw(0.9);
    await predict(1);
    draw(0);

    await expect(predict(1)).rejects.toMatchObject({ name: 'InferenceFailedError' });
    draw(0.9);

    expect(await predict(1)).toBe(1);
    expect(captured[1]).toMatchObject({ kind: 'failure', version: 2, errorName: 'ModelMemoryError' });
  });

  it('that fails on a sound row fails the invocation, and the failure is captured with its assignment', async () => {
    const { predict, captured } = open(canary(0.25, HEADER));
    await predict(1, { 'x-user': userOf(2) });

    await expect(predict(-1, { 'x-user': userOf(2) })).rejects.toMatchObject({ name: 'InferenceFailedError' });

    expect(captured[1]).toEqual({
      kind: 'failure',
      predictionId: 'u-2',
      atMs: AT_MS,
      model: 'toy',
      version: 2,
      lambdaVersion: '3',
      status: 502,
      errorName: 'InferenceFailedError',
      latencyMs: expect.any(Number),
      assignment: { unit: unitOf('r-1', userOf(2), sha256), probability: 0.25, plan: 'r-1#4' },
    });
  });

  it('that a caller asks wrongly is not at fault: nothing is captured', async () => {
    const { call, captured } = open(canary(0.25));

    expect((await call('POST', '/models/toy/predict', { features: { y: 1 } })).statusCode).toBe(400);
    expect(captured).toEqual([]);
  });
});

it('a smoke test asks the version that was published, whatever the plan says', async () => {
  const { handler } = open(canary(0));

  expect(await handler({ smokeTest: { model: 'toy' } })).toEqual({ model: 'toy', version: 2, output: 2 });
});

it('a roster that cannot be read fails a request, and the next reads it again', async () => {
  let attempts = 0;
  const handler = createRoutedHandler({
    model: 'toy',
    lambdaVersion: '3',
    pinnedVersion: 1,
    currentPlan: async () => canary(0),
    capture: async () => undefined,
    openArms: async () => {
      attempts += 1;
      throw new Error('the table is gone');
    },
    sha256,
    random: () => 0,
    clock: { nowMs: () => AT_MS },
  });
  const event = { httpMethod: 'POST', path: '/models/toy/predict', body: '{}' };

  await expect(handler(event)).rejects.toThrow('the table is gone');
  await expect(handler(event)).rejects.toThrow('the table is gone');
  expect(attempts).toBeGreaterThan(1);
});
