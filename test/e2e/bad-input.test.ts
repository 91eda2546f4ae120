import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capturePrefix } from '../../shared/contracts/artifacts.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { LONG_NAME, PLATFORM_ADDRESSES, PREDICTION_ADDRESSES } from '../helpers/bad-addresses.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { fc } from '../helpers/properties.ts';
import { type RawAnswer, type RawCall, rawCall } from '../helpers/raw-call.ts';
import {
  anyBody,
  inputs,
  nested,
  nestedObject,
  rawTensors,
  tensor,
  wrongInOnePlace,
} from '../helpers/request-bodies.ts';
import { benchDefinition } from '../helpers/training-bench.ts';
import { FORM, UNREADABLE_BODIES } from '../helpers/unreadable-bodies.ts';

/** What the two APIs make of requests that are wrong: an answer that says so, and nothing else happens. */

let test: TestCloud;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-bad-input-'));
const startedAtMs = Date.UTC(2001, 0, 15);

beforeAll(async () => {
  const deployment = { canarySteps: [0.5, 1], bakeMinutes: 60 };
  const assemblyFolder = await assemble([
    benchDefinition({ deployment }),
    benchDefinition({ name: 'idle', approval: 'manual' }),
  ]);
  test = await startTestCloud({ assemblyFolder, stateFolder, startMs: startedAtMs });
  await test.loadToyDays(0, 14);
  await test.platform.requestTraining('toy', 'first');
  await test.platform.requestTraining('idle', 'first');
  await test.until('toy is in service, idle waits for approval', async () => {
    const [rollouts, versions] = await Promise.all([test.platform.rollouts('toy'), test.platform.versions('idle')]);
    return rollouts.some(({ status }) => status === 'PROMOTED') && versions.length > 0;
  });
});

afterAll(async () => {
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const SECOND_MS = 1_000;
const JSON_TYPE = { 'content-type': 'application/json' };
type Call = Omit<RawCall, 'url' | 'method'> & { readonly method?: string };

const call = async (api: 'predict' | 'platform', path: string, options: Call = {}): Promise<RawAnswer> => {
  const { clock } = test.cloud;
  const url = `${api === 'predict' ? test.predictUrl : test.platformUrl}${path}`;
  const answer = await rawCall({ method: 'POST', url, headers: JSON_TYPE, ...options }, clock.nowMs());
  if (answer.status !== 429) return answer;
  await clock.advanceTo(clock.nowMs() + SECOND_MS); // throttled, as so many calls should be: a second fills the bucket
  return call(api, path, options);
};

/** What the answer tells the caller: the Open Inference Protocol's `error`, or the problem's `detail`. */
const told = ({ text }: RawAnswer): string => {
  const { error, detail } = JSON.parse(text) as { readonly error?: string; readonly detail?: string };
  return error ?? detail ?? '';
};

const PREDICT = '/models/toy/predict';
const INFER = '/v2/models/toy/infer';
const LABELS = '/models/toy/ground-truth';
const TRAIN = '/models/toy/train';
const REJECT = '/models/idle/versions/1/reject';

const MANY = 100_000;

const goodRequestsWork = async (): Promise<void> => {
  const right: readonly (readonly ['predict' | 'platform', string, Call])[] = [
    ['predict', PREDICT, { body: '{"features":{"x":0.9,"kind":"a"}}' }],
    ['predict', INFER, { body: inputs() }],
    ['predict', INFER, rawTensors()],
    ['predict', '/models/toy/invocations', { body: '{"dataframe_records":[{"x":0.9,"kind":"a"}]}' }],
    ['predict', '/models/toy/openapi.json', { method: 'GET' }],
    ['predict', '/v2/models/toy/ready', { method: 'GET' }],
    ['predict', '/v2', { method: 'GET' }],
    ['platform', '/models/toy/versions', { method: 'GET' }],
  ];
  for (const [api, path, options] of right) {
    expect({ path, status: (await call(api, path, options)).status }).toEqual({ path, status: 200 });
  }
};

describe('a body that no endpoint can read', () => {
  const endpoints = [
    ['predict', PREDICT],
    ['predict', INFER],
    ['predict', LABELS],
    ['platform', TRAIN],
    ['platform', '/models/idle/versions/1/approve'],
    ['platform', REJECT],
  ] as const;
  const statusAt = (path: string, status: number | typeof FORM): number => {
    if (status !== FORM) return status;
    return path === PREDICT || path === INFER ? 415 : 400;
  };

  it.each(UNREADABLE_BODIES)('%s is refused everywhere', async (_name, bad, status, says) => {
    for (const [api, path] of endpoints) {
      const answer = await call(api, path, bad);

      expect({ path, status: answer.status }).toEqual({ path, status: statusAt(path, status) });
      expect(told(answer)).toMatch(says);
    }
  });

  it('nested 100,000 deep is refused, wherever the nest sits', { timeout: 60_000 }, async () => {
    const withNest = (nest: string): readonly (readonly [path: string, body: string])[] => [
      ...[nest, `{"features":${nest}}`, `{"instances":${nest}}`, `{"features":{"x":${nest},"kind":"a"}}`].map(
        (body) => [PREDICT, body] as const,
      ),
      [PREDICT, `{"features":{"x":1,"kind":"a"},"predictionId":${nest}}`],
      ...['id', 'inputs', 'outputs'].map((key) => [INFER, `{"inputs":[],"${key}":${nest}}`] as const),
      ...['name', 'datatype', 'shape', 'data'].map(
        (key) => [INFER, inputs({ [key]: 'NEST' }).replace('"NEST"', nest)] as const,
      ),
      [INFER, `{"inputs":[],"outputs":[{"name":${nest}}]}`],
      ...['predictionId', 'label', 'knownAt'].map(
        (key) => [LABELS, `{"predictionId":"a","label":1,"${key}":${nest}}`] as const,
      ),
      [LABELS, `{"labels":${nest}}`],
    ];

    for (const [path, body] of [...withNest(nested(MANY)), ...withNest(nestedObject(MANY))]) {
      const answer = await call('predict', path, { body });

      expect({ body: body.slice(0, 60), status: answer.status }).toEqual({ body: body.slice(0, 60), status: 400 });
      expect(told(answer)).not.toBe('');
    }
    for (const body of [nested(30_000), `{"reason":${nested(30_000)}}`, `{"reason":${nestedObject(10_000)}}`]) {
      expect((await call('platform', TRAIN, { body })).status).toBe(400);
    }
  });
});

describe('a prediction', () => {
  it.each([
    ['an empty body', '', /features must be an object of feature values by name, got nothing/],
    ['{}', '{}', /features must be an object of feature values by name, got nothing/],
    ['a missing feature', '{"features":{"x":1}}', /features lacks kind/],
    ['an extra feature', '{"features":{"x":1,"kind":"a","y":2}}', /unknown key "y"; allowed: x, kind/],
    ['__proto__ as a feature', '{"features":{"x":1,"kind":"a","__proto__":{}}}', /unknown key "__proto__"/],
    ['NaN as text', '{"features":{"x":"NaN","kind":"a"}}', /features\.x must be a finite number.*got "NaN"/],
    ['null', '{"features":{"x":null,"kind":"a"}}', /features\.x must be a finite number.*got null/],
    ['1e999', '{"features":{"x":1e999,"kind":"a"}}', /features\.x must be a finite number.*got Infinity/],
    ['a number beyond float32', '{"features":{"x":-1e39,"kind":"a"}}', /range of float32, got -1e\+39/],
    ['a wrong type', '{"features":{"x":true,"kind":"a"}}', /features\.x must be a finite number.*got true/],
    ['a number for a category', '{"features":{"x":1,"kind":5}}', /features\.kind must be text.*got 5/],
    ['endless text', `{"features":{"x":1,"kind":"${'a'.repeat(5_000)}"}}`, /text of at most 4096 characters/],
    [
      'a wrong row',
      '{"instances":[{"features":{"x":1,"kind":"a"}},{"features":{"x":[],"kind":"a"}}]}',
      /instances\[1\]\.features\.x must be/,
    ],
    ['no rows', '{"instances":null}', /instances must be a list of 1 to 500 rows, got null/],
    ['an odd id', '{"features":{"x":1,"kind":"a"},"predictionId":"a b"}', /predictionId must match .*got "a b"/],
  ])('with %s is refused in words', async (_name, body, says) => {
    const answer = await call('predict', PREDICT, { body });

    expect(answer.status).toBe(400);
    expect(told(answer)).toMatch(says);
  });

  it.each([
    ['an empty body', '', /inputs must be a list of tensors, got nothing/],
    ['no inputs', '{"inputs":[]}', /inputs lack x, kind/],
    [
      'a name that cannot become text',
      '{"inputs":[{"name":{"toString":1}}]}',
      /inputs\[0\]\.name must be text, got an object/,
    ],
    [
      'an output that cannot become text',
      inputs().replace('}]}', '}],"outputs":[{"name":{"toString":1}}]}'),
      /outputs\[0\]\.name must be text/,
    ],
    ['a missing shape', inputs({ shape: undefined }), /input x must have shape .*got nothing/],
    ['a wrong count', inputs({ shape: [2] }), /input x has 1 values for 2 rows/],
    ['another datatype', inputs({ datatype: 'FP64' }), /input x must have datatype FP32, got "FP64"/],
    ['null', inputs({ data: [null] }), /input x, row 0, must be a finite number.*got null/],
    ['1e999', inputs({ data: ['HUGE'] }).replace('"HUGE"', '1e999'), /row 0, must be a finite number.*got Infinity/],
    [
      'an unknown input',
      JSON.stringify({ inputs: [tensor('x'), tensor('kind'), tensor('__proto__')] }),
      /no input "__proto__"; it has x, kind/,
    ],
    [
      'raw data that did not come',
      inputs({ data: undefined, parameters: { binary_data_size: 4 } }),
      /binary_data_size must be a count of the 0 bytes left, got 4/,
    ],
  ])('by the Open Inference Protocol with %s is refused under the key `error`', async (_name, body, says) => {
    const answer = await call('predict', INFER, { body });

    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ error: expect.stringMatching(says) });
  });

  const worstAnswer = async (body: string): Promise<number> => {
    const statuses: number[] = [];
    for (const path of [PREDICT, INFER, LABELS]) statuses.push((await call('predict', path, { body })).status);
    return Math.max(...statuses);
  };

  it('that is wrong in a single place never fails the function', { timeout: 60_000 }, async () => {
    for (const body of wrongInOnePlace())
      expect({ body, worst: await worstAnswer(body) }).toEqual({ body, worst: 400 });
    await goodRequestsWork();
  });

  it('whose body is any JSON at all never fails the function', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyBody, async (body) => (await worstAnswer(body)) < 500),
      { numRuns: 200, seed: 20_010_115 },
    );
    await goodRequestsWork();
  });
});

describe('labels', () => {
  const label = (change: object): Promise<RawAnswer> =>
    call('predict', LABELS, { body: JSON.stringify({ predictionId: 'p-1', label: 1, ...change }) });

  it.each([
    ['of a third class', { label: 2 }, /label must be 0 or 1, got 2/],
    ['of text', { label: '1' }, /label must be 0 or 1, got "1"/],
    ['of no prediction', { predictionId: 5 }, /predictionId must be the id of a prediction, got 5/],
    [
      'known in the future',
      { knownAt: '2001-03-01T00:00:00Z' },
      /knownAt must be an ISO 8601 time .*not in the future, got "2001-03-01T00:00:00Z"/,
    ],
    ['known at no time', { knownAt: '1' }, /knownAt must be an ISO 8601 time/],
    [
      'with a misspelt key',
      { known: '2001-01-01T00:00:00Z' },
      /unknown key "known"; allowed: predictionId, label, knownAt/,
    ],
  ])('%s are refused', async (_name, change, says) => {
    const answer = await label(change);

    expect(answer.status).toBe(400);
    expect(told(answer)).toMatch(says);
  });

  it('that are infinite, or too many, are refused', async () => {
    const infinite = await call('predict', LABELS, { body: '{"predictionId":"a","label":1e999}' });
    const many = Array.from({ length: 501 }, (_, i) => ({ predictionId: `p-${i}`, label: 0 }));
    const tooMany = await call('predict', LABELS, { body: JSON.stringify({ labels: many }) });

    expect([infinite.status, tooMany.status]).toEqual([400, 400]);
    expect(told(infinite)).toMatch(/label must be 0 or 1, got Infinity/);
    expect(told(tooMany)).toMatch(/list of 1 to 500, got 501/);
  });

  it('that come late, again, or for a prediction that nobody knows are accepted and kept', async () => {
    const known = { late: '2001-01-02T00:00:00Z', later: '2001-01-03T10:00:00+01:00' };
    const answers = [
      await label({ knownAt: known.late }),
      await label({ label: 0, knownAt: known.later }),
      await label({ label: 0, knownAt: known.later }),
      await label({ predictionId: 'never/asked' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    await test.cloud.clock.advanceTo(test.cloud.clock.nowMs() + DAY_MS / 24);
    const objects = await test.observer.data.list(capturePrefix('toy'));
    const files = await Promise.all(objects.map(({ key }) => test.observer.data.get(key)));
    const lines = files.flatMap((file) => gunzipSync(file).toString('utf8').trim().split('\n'));
    const labels = lines.map((line) => JSON.parse(line)).filter(({ kind }) => kind === 'label');
    expect(labels.filter(({ predictionId }) => predictionId === 'p-1').map(({ knownAtMs }) => knownAtMs)).toEqual([
      Date.parse(known.late),
      Date.parse(known.later),
      Date.parse(known.later),
    ]);
    expect(labels.filter(({ predictionId }) => predictionId === 'never/asked')).toHaveLength(1);
  });
});

describe('an address', () => {
  it.each(PREDICTION_ADDRESSES)('of the prediction API: %s %s is answered %i', async (method, path, status, says) => {
    const answer = await call('predict', path.replace('LONG', LONG_NAME), {
      method,
      ...(method === 'GET' ? {} : { body: '{}' }),
    });

    expect(answer.status).toBe(status);
    expect(told(answer)).toMatch(says);
    if (status >= 400 && path.startsWith('/v2')) expect(Object.keys(JSON.parse(answer.text))).toEqual(['error']);
  });

  it.each(PLATFORM_ADDRESSES)('of the platform API: %s %s is answered %i', async (method, path, status, says) => {
    const answer = await call('platform', path.replace('LONG', LONG_NAME), {
      method,
      ...(method === 'GET' ? {} : { body: '{}' }),
    });

    expect(answer.status).toBe(status);
    expect(told(answer)).toMatch(says);
  });

  it.each([
    ['a reason that is no text', '{"reason":5}', /reason must be text, got 5/],
    ['a misspelt key', '{"resaon":"x"}', /unknown key "resaon"; allowed: reason/],
    ['an endless reason', `{"reason":"${'r'.repeat(1_001)}"}`, /reason must have a length of at most 1000, got 1001/],
  ])('that takes a decision refuses %s', async (_name, body, says) => {
    for (const path of [TRAIN, REJECT]) {
      const answer = await call('platform', path, { body });

      expect(answer.status).toBe(400);
      expect(told(answer)).toMatch(says);
    }
  });
});

describe('a caller', () => {
  it.each([
    ['none', /Missing Authentication Token/],
    ['wrong secret', /signature we calculated does not match/],
    ['unknown key', /access key "nobody" is not known/],
    ['of another body', /signature we calculated does not match/],
    ['for another service', /should be scoped to correct service: 'execute-api'/],
  ] as const)('whose signature is %s is refused by both APIs', async (signature, says) => {
    const predict = await call('predict', INFER, { signature, body: inputs() });
    const platform = await call('platform', TRAIN, { signature, body: '{}' });

    expect([predict.status, platform.status]).toEqual([403, 403]);
    expect(told(predict)).toMatch(says);
    expect(told(platform)).toMatch(says);
    expect(platform.headers['content-type']).toBe('application/problem+json');
  });
});

describe('after all of this', () => {
  const sumOf = async (client: CloudWatchClient, metric: string, name: string): Promise<number> => {
    const { Datapoints = [] } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'AWS/Lambda',
        MetricName: metric,
        Dimensions: [{ Name: 'FunctionName', Value: name }],
        StartTime: new Date(startedAtMs),
        EndTime: new Date(startedAtMs + 10 * DAY_MS),
        Period: DAY_MS / 1_000,
        Statistics: ['Sum'],
      }),
    );
    return Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
  };

  it('no function failed, no training was started, and good requests work', async () => {
    await goodRequestsWork();
    const client = new CloudWatchClient(test.clientConfig);
    for (const name of ['infer-toy', 'infer-idle', 'record-ground-truth', 'describe-server', 'platform-api']) {
      expect(await sumOf(client, 'Invocations', `millrace-local-${name}`)).toBeGreaterThan(0);
      expect({ name, errors: await sumOf(client, 'Errors', `millrace-local-${name}`) }).toEqual({ name, errors: 0 });
    }
    client.destroy();

    expect(await test.platform.runs('toy')).toHaveLength(1);
    expect((await test.platform.versions('idle')).map(({ status }) => status)).toEqual(['PENDING_APPROVAL']);
    expect(readFileSync(join(stateFolder, 'cloud.log'), 'utf8')).not.toContain('"level":"error"');
  });
});
