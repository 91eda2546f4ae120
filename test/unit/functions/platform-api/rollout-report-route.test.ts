import { describe, expect, it } from 'vitest';
import { rolloutReportRoutes } from '../../../../functions/platform-api/rollout-report-route.ts';
import type { PlatformDeps } from '../../../../functions/platform-api/routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { replayReportKey } from '../../../../shared/contracts/replay.ts';
import type { RolloutLook } from '../../../../shared/core/deployment/index.ts';
import { REPORT_CONTENT_POLICY, type RolloutFacts } from '../../../../shared/core/reports/index.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { NotFoundError } from '../../../../shared/kernel/errors.ts';
import { drawnRollout } from '../../../helpers/judged-rollouts.ts';

/** Pages of 100 at most, as the stores answer them. */
const pageOf = <T>(items: readonly T[], limit: number, cursor?: string) => {
  const from = Number(cursor ?? 0);
  const until = from + Math.min(limit, 100);
  return { items: items.slice(from, until), ...(until < items.length ? { nextCursor: String(until) } : {}) };
};

const open = (facts: readonly RolloutFacts[], change: Partial<Record<keyof PlatformDeps, unknown>> = {}) => {
  const artifacts = createMemoryArtifactStore();
  const of = (rolloutId: string) => facts.find(({ rollout }) => rollout.rolloutId === rolloutId);
  const deps = {
    registry: {
      getModel: async (model: string) => {
        if (model !== 'toy') throw new NotFoundError(`model ${model} does not exist`);
      },
      getVersion: async (_model: string, version: number) => {
        const found = facts.find(({ rollout }) => rollout.version === version)?.version;
        if (found === undefined) throw new NotFoundError('it was deleted');
        return found;
      },
      getRollout: async (_model: string, rolloutId: string) => of(rolloutId)?.rollout,
      listRollouts: async (_model: string, limit: number, cursor?: string) =>
        pageOf(
          facts.map(({ rollout }) => rollout),
          limit,
          cursor,
        ),
    },
    rolloutEvidence: {
      get: async (_model: string, rolloutId: string) => of(rolloutId)?.judged,
      listLooks: async (_model: string, rolloutId: string, limit: number, cursor?: string) =>
        pageOf<RolloutLook>(of(rolloutId)?.looks ?? [], limit, cursor),
    },
    shadowDays: {
      list: async ({ challenger }: { challenger: number }) => of(`rollout-${challenger}`)?.shadow?.days ?? [],
    },
    definitions: new Map([['toy', { deployment: { shadow: { minRows: 1, days: 60, labelDelayDays: 1 } } }]]),
    artifacts,
    clock: { nowMs: () => Date.UTC(2026, 10, 22) },
    ...change,
  } as unknown as PlatformDeps;
  const router = createRouter(rolloutReportRoutes(deps), renderProblem);
  const ask = async (path: string, format?: string) => {
    const query = format === undefined ? {} : { format };
    const { status, headers, body } = await router({
      method: 'GET',
      path: `/models/${path}`,
      query,
      headers: {},
    } as never);
    return { status, headers, body: String(body) };
  };
  return { artifacts, ask };
};

describe('the report of a rollout', () => {
  it('is a page that loads nothing, or its data, made from what is on record', async () => {
    const facts = drawnRollout({ version: 3, errorShare: 0.05 });
    const { artifacts, ask } = open([facts]);
    const replay = { ...facts.replay, model: 'toy', rolloutId: 'rollout-3', challenger: 3, champion: 2, atMs: 1 };
    await artifacts.putIfAbsent(replayReportKey('toy', 'rollout-3'), toJsonFile(replay));

    const page = await ask('toy/rollouts/rollout-3/report');
    const data = JSON.parse((await ask('toy/rollouts/rollout-3/report', 'json')).body);

    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': REPORT_CONTENT_POLICY,
      'x-content-type-options': 'nosniff',
    });
    expect(page.body).toContain('Rolled back');
    expect(data).toMatchObject({
      rolloutId: 'rollout-3',
      status: 'ROLLED_BACK',
      lookCount: facts.looks.length,
      looksComplete: true,
      replay: { outcome: 'passed', rowCount: 1_002 },
      shadow: { days: { length: 9 }, verdict: { decision: expect.any(String) } },
    });
  });

  it('is told from what there is: of a rollout without evidence, of a deleted version, without a replay', async () => {
    const { rollout } = drawnRollout({ version: 3, errorShare: 0.02 });
    const { ask } = open([{ rollout, looks: [], looksComplete: true }]);

    const { status, body } = await ask('toy/rollouts/rollout-3/report');

    expect(status).toBe(200);
    expect(body).toContain('No evidence is on record');
    expect(body).not.toContain('Replay');
  });

  it('reads looks page by page', async () => {
    const facts = drawnRollout({ version: 4, errorShare: 0.02, running: true, lookCount: 230 });
    const { ask } = open([facts]);

    const report = JSON.parse((await ask('toy/rollouts/rollout-4/report', 'json')).body);

    expect(report).toMatchObject({ lookCount: 230, looksComplete: true, lastLook: { index: 229 } });
  });

  it('is refused of a rollout that does not exist, and in another form', async () => {
    const { ask } = open([]);

    expect(await ask('toy/rollouts/none/report')).toMatchObject({
      status: 404,
      body: expect.stringContaining('rollout none of toy does not exist'),
    });
    expect((await ask('toy/rollouts/none/report', 'pdf')).status).toBe(400);
    expect((await ask('toy/rollouts/no%20name/report')).status).toBe(400);
  });
});

describe('the rollouts of a model over time', () => {
  it('are one page or its data, the newest of very many', async () => {
    const facts = drawnRollout({ version: 3, errorShare: 0.02 });
    const many = Array.from({ length: 1_101 }, () => facts);

    const data = JSON.parse((await open([facts]).ask('toy/rollouts/report', 'json')).body);
    const page = await open(many).ask('toy/rollouts/report');

    expect(data).toMatchObject({ complete: true, rollouts: [{ rolloutId: 'rollout-3', status: 'PROMOTED' }] });
    expect(page.body).toContain('The newest 1000; there are more.');
    expect((await open([]).ask('none/rollouts/report')).status).toBe(404);
  });
});
