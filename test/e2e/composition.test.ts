import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { defineComposition } from '../../shared/contracts/composition-definition.ts';
import { resolveComposition } from '../../shared/contracts/composition-faults.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, failingOnRealRows, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** Three models that answer as one, each with rollouts of its own. */

const MEMBERS = ['toy', 'gem', 'ruby'].map((name) => rolloutDefinition(name));
const COMPOSITION = resolveComposition(
  defineComposition({
    name: 'blend',
    owner: 'ann',
    inputs: [
      { name: 'x', type: 'number', nullable: true },
      { name: 'kind', type: 'category' },
      { name: 'route', type: 'category' },
    ],
    nodes: [
      { kind: 'transform', name: 'filled', of: 'x', steps: [{ fill: 0.5 }, { clip: { min: 0, max: 1 } }] },
      { kind: 'model', name: 'toy', model: 'toy', inputs: { x: 'filled' }, onFailure: 'skip' },
      { kind: 'model', name: 'gem', model: 'gem', inputs: { x: 'filled' }, onFailure: 'skip' },
      { kind: 'ensemble', name: 'both', of: ['toy', 'gem'] },
      { kind: 'model', name: 'ruby', model: 'ruby', inputs: { x: 'filled' } },
      {
        kind: 'switch',
        name: 'chosen',
        on: 'route',
        cases: [{ when: { is: 'new' }, take: 'ruby' }],
        otherwise: 'both',
      },
      { kind: 'transform', name: 'score', of: 'chosen', steps: [{ scale: { by: 100 } }] },
    ],
    output: 'score',
  }),
  MEMBERS,
);

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-composition-'));

beforeAll(async () => {
  const assemblyFolder = await assemble(MEMBERS, '', stageConfig('local'), [COMPOSITION]);
  test = await startTestCloud({ assemblyFolder, stateFolder, simulation: IN_ONE_PROCESS });
  bench = openRolloutBench(test, stateFolder);
  await bench.roll('toy', await bench.upload('toy', answering(1)));
}, 240_000);

afterAll(async () => {
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const ROW = { x: null, kind: 'a', route: 'old' };
const ask = (way: 'predict' | 'trace', body: object) =>
  test.api.call('POST', `${test.predictUrl}/models/blend/${way}`, body);
const alone = async (model: string) => {
  const { body } = await test.platform.predict(model, { features: { x: 0.5, kind: 'a' } });
  return (body as { readonly probability: number }).probability;
};

describe('a composition', () => {
  it('answers by the members that serve, and tells which did not and why', async () => {
    const { status, body } = await ask('trace', { features: ROW });

    expect(status).toBe(200);
    const { score, nodes } = body as { readonly score: number; readonly nodes: readonly Record<string, unknown>[] };
    expect(score).toBeCloseTo(100 * (await alone('toy')), 4);
    expect(nodes.find(({ node }) => node === 'toy')).toMatchObject({ kind: 'model', version: 1, skippedCount: 0 });
    expect(nodes.find(({ node }) => node === 'gem')).toMatchObject({
      skippedCount: 1,
      reason: 'gem: it answered 503: no version of gem is in service yet',
    });
    expect(nodes.map(({ node }) => node)).not.toContain('ruby');
  });

  it('fails, as unavailable, where a row needs a model that does not serve', async () => {
    const { status, body } = await ask('predict', {
      instances: [{ features: ROW }, { features: { ...ROW, route: 'new' } }],
    });

    expect(status).toBe(503);
    expect(body).toMatchObject({
      detail: 'blend has no answer for row 1: ruby: it answered 503: no version of ruby is in service yet',
    });
  });

  it('takes a member in when it is rolled out, without a deploy of its own', async () => {
    await bench.roll('gem', await bench.upload('gem', answering(2)));

    const { body } = await ask('predict', { features: ROW });

    const both = 50 * ((await alone('toy')) + (await alone('gem')));
    expect((body as { readonly score: number }).score).toBeCloseTo(both, 4);
    expect(await alone('gem')).not.toBe(await alone('toy'));
  });

  it('goes on while a member fails on every request', async () => {
    await bench.upload('gem', failingOnRealRows());
    await bench.beginCanary('gem', 2);

    const answers = await Promise.all(Array.from({ length: 12 }, () => ask('trace', { features: ROW })));

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const reasons = answers.flatMap(({ body }) =>
      (body as { readonly nodes: readonly { readonly reason?: string }[] }).nodes.map(({ reason }) => reason),
    );
    expect(reasons.filter((reason) => reason?.startsWith('gem: its function failed')).length).toBeGreaterThan(0);
  });

  it('speaks the Open Inference Protocol', async () => {
    const address = `${test.predictUrl}/v2/models/blend`;
    const metadata = await test.api.call('GET', address);
    const inputs = [
      { name: 'x', shape: [1], datatype: 'FP32', data: [0.5] },
      { name: 'kind', shape: [1], datatype: 'BYTES', data: ['a'] },
      { name: 'route', shape: [1], datatype: 'BYTES', data: ['old'] },
    ];
    const answer = await test.api.call('POST', `${address}/infer`, { id: 'one', inputs });

    expect(metadata.body).toMatchObject({ name: 'blend', outputs: [{ name: 'score', datatype: 'FP32' }] });
    expect(answer.body).toMatchObject({ model_name: 'blend', id: 'one', outputs: [{ name: 'score', shape: [1, 1] }] });
  });

  it.each([
    ['a feature that it does not have', { features: { ...ROW, y: 1 } }, 'body.features has the unknown key "y"'],
    ['a number as text', { features: { ...ROW, x: '1' } }, 'body.features.x must be a finite number'],
    ['a missing category', { features: { x: 1, route: 'old' } }, 'body.features lacks kind'],
  ])('refuses %s, and asks nobody', async (_, body, says) => {
    const answer = await ask('predict', body);

    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(says) } });
  });
});
