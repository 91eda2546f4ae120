import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/platform-api/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryVersionComments } from '../../../../shared/adapters/memory/version-comments.ts';
import { createMemoryVersionEvaluations } from '../../../../shared/adapters/memory/version-evaluations.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Setting = NonNullable<Parameters<typeof benchDefinition>[0]>['approval'];

const userArn = (name: string): string => `arn:aws:iam::123456789012:user/${name}`;
const [ANN, BOB, CYD] = [userArn('ann'), userArn('bob'), userArn('cyd')] as const;

/** A version whose training ann called for. */
const open = async (approval: Setting & {}, gate?: { readonly passed: boolean }) => {
  const { registry, lineage } = createMemoryRegistry();
  const events = createMemoryEventPublisher();
  const definitions = new Map([['toy', benchDefinition({ approval })]]);
  const files = { gate: async () => gate };
  const evaluations = createMemoryVersionEvaluations();
  const comments = createMemoryVersionComments();
  let nowMs = 70;
  const clock = { nowMs: () => ++nowMs };
  let plan: object | undefined;
  const handler = createHandler({
    definitions,
    registry,
    lineage,
    files,
    evaluations,
    comments,
    plans: { get: async () => plan },
    events,
    clock,
  } as never);
  const cause = { kind: 'call', principal: ANN, requestId: 'r' };
  await registry.startRun({ model: 'toy', runId: 'run-1', executionArn: 'arn', cause, startedAtMs: 1 });
  await registry.registerVersion(
    {
      model: 'toy',
      runId: 'run-1',
      owner: 'ann',
      principal: 'workflow:train-toy',
      modelDigest: 'd',
      artifactPrefix: 'models/toy/d/',
      manifestDigest: 'm',
      metrics: { holdoutLoss: 0.5 },
      trainedThroughMs: 1,
      datasetSnapshot: 'snapshot',
      registeredAtMs: 2,
    },
    1_000,
  );
  const post = async (who: string, path: string, body: object = {}) => {
    const answer = await handler({
      httpMethod: 'POST',
      path: `/models/toy/versions/1/${path}`,
      headers: {},
      body: JSON.stringify(body),
      requestContext: { requestId: 'request-1', identity: { userArn: who } },
    });
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
  const get = async (path: string) => {
    const requestContext = { requestId: 'request-1', identity: { userArn: BOB } };
    const answer = await handler({ httpMethod: 'GET', path: `/models/toy/${path}`, headers: {}, requestContext });
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
  const route = (share: number): void => {
    plan = { arms: [{ version: 1, share, slots: [] }] };
  };
  return { registry, events, post, get, route };
};

describe('approving by hand', () => {
  it('is refused to the one who asked for the training, and open to another', async () => {
    const { registry, events, post } = await open('manual');

    const own = await post(ANN, 'approve');
    const pending = (await registry.getVersion('toy', 1)).status;
    const others = await post(BOB, 'approve', { reason: 'looked at it' });

    expect(own).toMatchObject({ status: 403, body: { title: 'PERMISSION_DENIED' } });
    expect(own.body.detail).toContain('rule distinctFromSubmitter');
    expect(pending).toBe('PENDING_APPROVAL');
    expect(others).toMatchObject({
      status: 200,
      body: { status: 'APPROVED', decidedBy: BOB, decisionReason: 'looked at it', approvals: [{ principal: BOB }] },
    });
    expect(others.body.decisionEvidence.map(({ rule }: { rule: string }) => rule)).toEqual([
      'distinctFromSubmitter',
      'minApprovals',
    ]);
    expect(events.published.map(({ type }) => type)).toEqual(['Model Version Approved']);
  });

  it('takes as many as the definition says, each once, and announces only the last', async () => {
    const { events, post } = await open({ mode: 'manual', minApprovals: 2 });

    const first = await post(BOB, 'approve');
    const again = await post(BOB, 'approve');
    const silent = [...events.published];
    const second = await post(CYD, 'approve');

    expect(first).toMatchObject({ status: 202, body: { status: 'PENDING_APPROVAL' } });
    expect(again).toEqual(first);
    expect(silent).toEqual([]);
    expect(second).toMatchObject({ status: 200, body: { status: 'APPROVED', decidedBy: CYD } });
    expect(second.body.approvals.map(({ principal }: { principal: string }) => principal)).toEqual([BOB, CYD]);
    expect(events.published).toHaveLength(1);
  });

  it('is open to the one who asked where the definition says so', async () => {
    const { post } = await open({ mode: 'manual', distinctFromSubmitter: false });

    expect((await post(ANN, 'approve')).status).toBe(200);
  });

  it.each([
    ['without an evaluation', undefined, 403],
    ['whose gate failed', { passed: false }, 403],
    ['whose gate passed', { passed: true }, 200],
  ])('answers for a version %s as its rules require', async (_which, gate, status) => {
    const { post } = await open({ mode: 'manual', requires: { gate: 'passed' } }, gate);

    expect((await post(BOB, 'approve')).status).toBe(status);
  });

  it('does not revive what was retired', async () => {
    const { post } = await open('manual');

    await post(ANN, 'retire', { reason: 'no use' });

    expect(await post(BOB, 'approve')).toMatchObject({ status: 409, body: { title: 'INVALID_STATE' } });
  });

  it('does not revive what was rejected', async () => {
    const { post } = await open('manual');

    await post(ANN, 'reject', { reason: 'no' });

    expect(await post(BOB, 'approve')).toMatchObject({ status: 409, body: { title: 'INVALID_STATE' } });
  });
});

describe('taking a version out of use', () => {
  it('goes from use to retired to archived, each with who and why, and back only from retired', async () => {
    const { post } = await open('manual');

    const tooSoon = await post(BOB, 'archive', { reason: 'old' });
    const retired = await post(BOB, 'retire', { reason: 'wrong units' });
    const again = await post(CYD, 'retire', { reason: 'the same' });
    const back = await post(BOB, 'reinstate', { reason: 'they were right' });
    await post(BOB, 'retire', { reason: 'wrong after all' });
    const archived = await post(CYD, 'archive', { reason: 'old' });
    const tooLate = await post(CYD, 'reinstate', { reason: 'missed' });

    expect(tooSoon).toMatchObject({ status: 409, body: { title: 'INVALID_STATE' } });
    expect(tooSoon.body.detail).toBe(
      'model version toy@1 is IN_USE: archive needs one that is RETIRED; allowed: retire',
    );
    expect(retired).toMatchObject({
      status: 200,
      body: { lifecycle: 'RETIRED', lifecycleBy: BOB, lifecycleReason: 'wrong units' },
    });
    expect(again).toEqual(retired);
    expect(back.body).not.toHaveProperty('lifecycle');
    expect(back.body).not.toHaveProperty('lifecycleReason');
    expect(archived.body).toMatchObject({ lifecycle: 'ARCHIVED', lifecycleBy: CYD });
    expect(tooLate.body.detail).toContain('allowed: nothing more');
  });

  it('waits while a routing plan gives it requests', async () => {
    const { post, route } = await open('manual');
    route(5_000);
    const refused = await post(BOB, 'retire', { reason: 'old' });
    route(0);

    expect(refused).toMatchObject({
      status: 409,
      body: { detail: 'version 1 of toy is given requests by its routing plan' },
    });
    expect((await post(BOB, 'retire', { reason: 'old' })).status).toBe(200);
  });

  it.each([[{}], [{ reason: '  ' }], [{ reason: 'x', force: true }]])('refuses a body of %j', async (body) => {
    const { post } = await open('manual');

    expect(await post(BOB, 'retire', body)).toMatchObject({ status: 400, body: { title: 'INVALID_PARAMETER_VALUE' } });
  });
});

describe('scores', () => {
  it('are kept by version and dataset, beside that on the run’s own holdout', async () => {
    const { post, get } = await open('manual');

    const put = await post(BOB, 'evaluations', { dataset: 'winter-2024', metrics: { logLoss: 0.25, rows: 100 } });
    await post(BOB, 'evaluations', { dataset: 'autumn', digest: 'a'.repeat(64), metrics: { logLoss: 0.3 } });
    const ofVersion = await get('versions/1/evaluations');
    const matrix = await get('evaluations');

    expect(put).toMatchObject({ status: 200, body: { dataset: 'winter-2024', version: 1, by: BOB } });
    expect(ofVersion.body.items.map(({ dataset }: { dataset: string }) => dataset)).toEqual([
      'holdout:snapshot',
      'winter-2024',
      'autumn',
    ]);
    expect(matrix.body.items).toMatchObject([
      { dataset: 'autumn', scores: [{ version: 1, digest: 'a'.repeat(64), metrics: { logLoss: 0.3 } }] },
      { dataset: 'holdout:snapshot', scores: [{ version: 1, metrics: { holdoutLoss: 0.5 } }] },
      { dataset: 'winter-2024', scores: [{ version: 1, metrics: { logLoss: 0.25 } }] },
    ]);
  });

  it.each([
    ['no metrics', { dataset: 'd', metrics: {} }, /must have 1 to 50 metrics/],
    ['a metric that is no number', { dataset: 'd', metrics: { loss: 'low' } }, /loss must be a number/],
    ['a holdout', { dataset: 'holdout:snapshot', metrics: { loss: 1 } }, /must not begin with holdout:/],
    ['a name of another form', { dataset: '#', metrics: { loss: 1 } }, /dataset must be 1 to 128 characters/],
    ['a digest of another form', { dataset: 'd', digest: 'x', metrics: { loss: 1 } }, /must be a SHA-256 digest/],
  ])('with %s are refused', async (_what, body, message) => {
    const { post } = await open('manual');

    const answer = await post(BOB, 'evaluations', body);

    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(message);
  });
});

describe('comments', () => {
  it('are kept in order with who said them, and refused without a text', async () => {
    const { post, get } = await open('manual');

    const said = await post(BOB, 'comments', { text: ' why so old? ' });
    const listed = await get('versions/1/comments');

    expect(said).toMatchObject({ status: 201, body: { id: 'request-1', author: BOB, text: 'why so old?' } });
    expect(listed.body).toEqual({ items: [said.body] });
    expect((await post(BOB, 'comments', { text: ' ' })).status).toBe(400);
    expect((await post(BOB, 'comments', { text: 'x'.repeat(4_001) })).status).toBe(400);
  });
});
