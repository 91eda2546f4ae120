import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MlTestScore } from '../../shared/core/ml-test-score/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** `npx millrace` as a person types it, in a process of its own, against the embedded cloud. */

const ENTRY = join(import.meta.dirname, '../../infra/commands/millrace.ts');
const MODEL = 'toy';
const ROUTED = 'routed';
const CAPTURED_WITHIN_MS = 15 * 60_000;

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-cli-'));

beforeAll(async () => {
  const routed = rolloutDefinition(ROUTED, {
    deployment: { router: 'exact', canarySteps: [0.5, 1], bakeMinutes: 60 },
  });
  test = await startTestCloud({ assemblyFolder: await assemble([rolloutDefinition(MODEL), routed]), stateFolder });
  bench = openRolloutBench(test, stateFolder);
});

afterAll(async () => {
  bench?.close();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Nothing of this process's AWS settings reaches it: a new user has none. */
const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_')));

const millrace = (...args: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const done = (error: Error | null, out: string, err: string): void => {
      const { code = 0 } = (error ?? {}) as { readonly code?: number };
      resolve({ code, out, err });
    };
    execFile(process.execPath, [ENTRY, ...args], { env: { ...bare, AWS_CONFIG_FILE: '/dev/null' } }, done);
  });

const onCloud = (...args: readonly string[]): Promise<Ended> => millrace(...args, '--endpoint', test.cloud.endpoint);

const json = async (...args: readonly string[]): Promise<unknown> => {
  const { out, err } = await onCloud(...args, '--json');
  expect(err).toBe('');
  return JSON.parse(out);
};

describe('what a person gets wrong', () => {
  it.each([
    [['--help'], 0, 'millrace COMMAND'],
    [['status', '--help'], 0, 'millrace status [MODEL]'],
    [['statsu'], 2, 'did you mean status?'],
    [['train'], 2, 'MODEL is required'],
    [['approve', 'toy'], 2, 'such as flight-delay@3, got toy'],
    [['retire', 'toy@1'], 2, '--reason is required'],
    [['promote', '--help'], 0, 'millrace promote MODEL@VERSION --reason TEXT'],
    [['promote', 'toy@1'], 2, '--from and --to bring a version to a stage'],
    [['promote', 'toy@1', '--from', 'dev'], 2, '--from and --to go together'],
    [['promote', 'toy@1', '--from', 'dev', '--to', 'dev'], 2, 'name the same stage'],
    [['promote', 'toy@1', '--from', 'dev', '--to', 'local', '--reason', 'x'], 2, '--reason goes with a canary'],
    [['rollout', 'toy@1'], 2, '--reason is required'],
    [['rollback', '--help'], 0, 'the version before serves again, once'],
    [['rollback', 'toy'], 2, '--reason is required'],
    [['rollback', 'toy@x', '--reason', 'y'], 2, 'such as flight-delay@3, got toy@x'],
    [['attest', 'toy', 'data-9', '--note', 'reviewed by hand'], 1, 'has no item "data-9"'],
    [['logs', 'toy', '--since', 'soon'], 2, 'such as 15m or 3d, got soon'],
    [['status', '--stage', 'nowhere'], 2, 'unknown stage "nowhere"'],
    [['status', '--endpoint', 'http://127.0.0.1:9'], 1, 'run npm start in another terminal'],
    [['status', '--stage', 'dev'], 1, 'no AWS region is set'],
    [['status', '--stage', 'dev', '--region', 'us-east-1'], 1, 'no AWS credentials were found'],
  ])('%j ends with %i and says what helps', async (args, code, told) => {
    const ended = await millrace(...args);

    expect({ code: ended.code, trace: / at .*:\d+:\d+/.test(ended.err) }).toEqual({ code, trace: false });
    expect(code === 0 ? ended.out : ended.err).toContain(told);
  });
});

describe('a model from training to retirement', () => {
  it('shows what a stage does before anything ran', async () => {
    const { out } = await onCloud('status');

    expect(out).toMatch(/^MODEL +IN SERVICE/);
    expect(out).toMatch(/\ntoy +- +-/);
    expect((await onCloud('status', 'nobody')).err).toContain('model "nobody" does not exist');
  });

  it('asks for training, whose failure the logs tell', async () => {
    expect((await onCloud('train', MODEL, '--reason', 'first')).out).toContain('training of toy is asked for');
    await test.until('the run ended', async () =>
      (await test.platform.runs(MODEL)).some(({ status }) => status === 'FAILED'),
    );

    const logs = await onCloud('logs', MODEL, '--errors', '--since', '1d');

    expect(await json('status', MODEL)).toMatchObject({ model: MODEL, run: { status: 'FAILED', cause: 'call' } });
    expect(logs.out).toContain('ExecutionFailed');
    expect(logs.out).toContain('toys');
  });

  it('approves what waits, and says why one cannot', async () => {
    const version = await bench.upload(MODEL, answering(1));
    const waiting = await onCloud('status', MODEL);
    const approved = await onCloud('approve', `${MODEL}@${version}`, '--reason', 'looks right');

    expect(waiting.out).toContain(`millrace approve ${MODEL}@${version}`);
    expect(approved.out).toContain('toy@1 is APPROVED');
    expect((await onCloud('approve', `${MODEL}@9`)).code).toBe(1);
    expect(await bench.ended(MODEL, version)).toMatchObject({ status: 'PROMOTED' });
    expect((await onCloud('status')).out).toMatch(/\ntoy +v1 +v1 +- +v1 PROMOTED/);
  });

  it('tells why a prediction came out as it did', async () => {
    await test.platform.predict(MODEL, { predictionId: 'p-cli', features: { x: 0.5, kind: 'a' } });
    const day = new Date(test.cloud.clock.nowMs()).toISOString().slice(0, 10);
    const asked = ['why', 'p-cli', '--model', MODEL, '--day', day];

    const early = await onCloud(...asked);
    await test.cloud.clock.advanceBy(CAPTURED_WITHIN_MS);
    const why = await onCloud(...asked);

    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('arrives within 15 minutes') });
    // The bench registered the version without a run: `why` names what it cannot hold it against.
    expect(why).toMatchObject({ code: 1, out: expect.stringContaining('"predictionId": "p-cli"') });
    expect(why.err).toContain('does not hold: the run that registered the version is on record');
  });

  it('promotes a canary, and takes the version back again', async () => {
    const tried = await bench.upload(MODEL, answering(1.003));
    expect((await onCloud('promote', `${MODEL}@${tried}`, '--reason', 'convinced')).err).toBe(
      `${MODEL}@${tried} has no canary under way: the newest rollout of toy is of version 1, PROMOTED; see: millrace status toy\n`,
    );
    await bench.beginCanary(MODEL, tried);

    const running = await onCloud('status', MODEL);
    const promoted = await onCloud('promote', `${MODEL}@${tried}`, '--reason', 'convinced');

    expect(running.out).toContain(`millrace promote ${MODEL}@${tried} --reason …`);
    expect(promoted).toMatchObject({ code: 0, err: '' });
    expect(promoted.out).toBe(
      `${MODEL}@${tried} gets all traffic at the next look of its rollout; see: millrace status toy\n`,
    );
    expect(await json('status', MODEL)).toMatchObject({
      rollout: { status: 'RUNNING', weight: 0.5, decision: { action: 'promote', reason: 'convinced' } },
    });
    expect(await bench.ended(MODEL, tried)).toMatchObject({ status: 'PROMOTED' });
    const back = await onCloud('rollback', MODEL, '--reason', 'complaints');
    expect(back).toEqual({ code: 0, err: '', out: 'version 1 of toy has all of its traffic\n' });
    const twice = await onCloud('rollback', MODEL, '--reason', 'more complaints');
    expect(twice).toMatchObject({ code: 1, err: expect.stringContaining('name the version to go back to') });
    const forward = await json('rollback', `${MODEL}@${tried}`, '--reason', 'it was not that');
    expect(forward).toMatchObject({ model: MODEL, champion: tried });
    expect(await json('rollback', `${MODEL}@1`, '--reason', 'it was')).toMatchObject({ champion: 1 });
  });

  it.each([MODEL, ROUTED])('takes back what is being tried on %s', async (model) => {
    // Rollouts are told by when they began: the clock stands while nobody leaps.
    if (model === ROUTED) await bench.serveFirst(model);
    else await test.cloud.clock.advanceBy(1_000);
    const tried = await bench.upload(model, answering(1.001));
    await bench.beginCanary(model, tried);

    expect((await onCloud('status')).out).toMatch(new RegExp(`\\n${model} .* v${tried} at 50 %`));
    const back = await onCloud('rollback', model, '--reason', 'second thoughts');
    expect(back).toEqual({ code: 0, err: '', out: `version 1 of ${model} has all of its traffic\n` });
    expect(await bench.ended(model, tried)).toMatchObject({
      status: 'ROLLED_BACK',
      reason: 'second thoughts',
      decision: { action: 'roll back' },
    });
    expect((await onCloud('rollback', model, '--reason', 'again')).err).toContain('nothing is being tried');
  });

  it('retires a version, but not the one in service', async () => {
    const unused = await bench.upload(MODEL, answering(1.002));

    const retired = await onCloud('retire', `${MODEL}@${unused}`, '--reason', 'a mistake');

    expect(retired).toMatchObject({ code: 0, err: '', out: `toy@${unused} is RETIRED\n` });
    expect((await onCloud('retire', `${MODEL}@1`, '--reason', 'old')).err).toContain(
      'serves: a rollout must replace it first',
    );
  });

  it('scores a model by what is on record, and counts a word for what is not', async () => {
    const scheduledAt = new Date(test.cloud.clock.nowMs()).toISOString();
    const unscored = await onCloud('score', MODEL);
    await bench.invoke('score-model-tests', { model: MODEL, scheduledAt });

    const score = (await json('score', MODEL)) as MlTestScore;
    const vouched = await onCloud('attest', MODEL, 'data-5', '--note', 'access was reviewed by hand');
    const { out } = await onCloud('score', MODEL);

    expect(unscored).toMatchObject({ code: 1, err: expect.stringContaining('has no ML Test Score yet') });
    const items = score.sections.flatMap((section) => section.items);
    const points = Object.fromEntries(items.map((one) => [one.item, one.points]));
    // It was uploaded, not trained; what it serves, and that it was rolled back, is on record.
    expect(points).toMatchObject({ 'infrastructure-6': 0.5, 'infrastructure-7': 1, 'model-5': 0, 'data-5': 0 });
    expect(vouched).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('vouches for data-5 of toy until'),
    });
    expect((await onCloud('score', 'misspelt')).err).toContain('is not deployed; deployed: ');
    expect(out).toMatch(/ 0\.5 {2}data-5 +The data pipeline has appropriate privacy controls\n.*vouches until/);
    expect((await onCloud('audit', 'list', '--model', MODEL)).out).toContain('attest test');
  });

  it('lists what people were told, and writes one of it as a page that acknowledges nothing', async () => {
    const listed = (await json('acknowledge', MODEL)) as readonly { readonly id: string }[];
    const { id = '' } = listed.find((one) => one.id.startsWith('rollout-')) ?? {};
    const file = join(stateFolder, 'told.html');
    const written = await onCloud('acknowledge', MODEL, id, '--html', file);
    const both = await onCloud('acknowledge', MODEL, id, '--html', file, '--note', 'seen');
    const { out } = await onCloud('acknowledge', MODEL);

    expect(written).toEqual({ code: 0, err: '', out: `${file}: ${id} of toy\n` });
    expect(readFileSync(file, 'utf8')).toContain('was rolled back');
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('one of them') });
    expect(out).toMatch(new RegExp(`${id} .* 1 told +happened`));
  });

  it('has every other command', async () => {
    const { out, code } = await onCloud('audit', 'list', '--model', MODEL);
    expect({ code, approved: out.includes('looks right') }).toEqual({ code: 0, approved: true });
    expect((await onCloud('token', 'create', '--name', 'ann')).out).toMatch(/^mlr_/);
    expect((await onCloud('keys', 'list')).out).toContain('no clients');
    expect((await onCloud('doctor')).out).toContain('credentials');
    expect((await onCloud('rollout', `${MODEL}@1`, '--reason', 'x')).err).toBe('version 1 of toy serves already\n');
    expect((await onCloud('rollout', `${MODEL}@3`, '--reason', 'once more')).out).toContain(
      'a canary of toy@3 follows',
    );
    expect((await onCloud('collect', '--stage', 'local')).out).toContain('folders in the artifact bucket');
  });
});
