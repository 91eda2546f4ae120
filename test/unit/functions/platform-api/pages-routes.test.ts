import { describe, expect, it } from 'vitest';
import { pagesRoutes } from '../../../../functions/platform-api/pages-routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryRolloutEvidence } from '../../../../shared/adapters/memory/rollout-evidence.ts';
import { driftReportKey, runPrefix } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { RETRAINING_WORTH_FILE } from '../../../../shared/contracts/retraining-worth.ts';
import { type Fleet, type ModelPage, PAGES_CONTENT_POLICY } from '../../../../shared/core/pages/index.ts';
import { createRouter, renderProblem } from '../../../../shared/http/index.ts';
import { drawnModelFacts } from '../../../browser/drawn-model.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const { driftReports, worth } = drawnModelFacts();
const CAUSE = { kind: 'alarm', alarmName: 'it <rings>', alarmArn: 'b', stateChangedAt: 'c', reason: 'd' };

const open = async () => {
  const { registry, lineage } = createMemoryRegistry();
  const [captures, artifacts] = [createMemoryArtifactStore(), createMemoryArtifactStore()];
  await registry.startRun({ model: 'toy', runId: 'run-1', executionArn: 'arn', cause: CAUSE, startedAtMs: 5 });
  await artifacts.put(`${runPrefix('toy', 'run-1')}${RETRAINING_WORTH_FILE}`, toJsonFile(worth['run-3']));
  await captures.put(driftReportKey('toy', '2026-11-21'), toJsonFile(driftReports.at(-1)));
  const routes = pagesRoutes({
    stage: 'test',
    definitions: new Map([
      ['toy', benchDefinition()],
      ['other', benchDefinition({ name: 'other' })],
    ]),
    registry,
    rolloutEvidence: createMemoryRolloutEvidence(),
    notifications: { list: async () => [] },
    lineage,
    captures,
    artifacts,
    clock: { nowMs: () => 77 },
  });
  const router = createRouter(routes, renderProblem);
  return (path: string, query: Readonly<Record<string, string>> = {}) =>
    router({ method: 'GET', path, query, headers: {}, body: '' } as never) as Promise<{
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }>;
};

describe('the pages of the platform API', () => {
  it('are HTML that runs its own script alone', async () => {
    const ask = await open();

    const [fleet, model] = [await ask('/pages'), await ask('/pages/toy')];

    for (const { status, headers } of [fleet, model]) {
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': PAGES_CONTENT_POLICY,
        'x-content-type-options': 'nosniff',
      });
    }
    expect(fleet.body).toContain('href="pages/toy"');
    expect(model.body).toContain('it &lt;rings&gt;');
  });

  it('have the same as data, made of the records of the moment', async () => {
    const ask = await open();

    const fleet: Fleet = JSON.parse((await ask('/pages', { format: 'json' })).body);
    const page: ModelPage = JSON.parse((await ask('/pages/toy', { format: 'json' })).body);

    expect(fleet).toMatchObject({ stage: 'test', atMs: 77 });
    expect(fleet.models.map(({ model, drift }) => [model, drift.standing])).toEqual([
      ['toy', 'bad'],
      ['other', 'unknown'],
    ]);
    expect(page.atMs).toBe(77);
    expect(page.retraining.known?.runs).toMatchObject([{ runId: 'run-1', worth: { decision: 'retrain' } }]);
    expect(page.distributions.known?.features[0]?.name).toBe('wind');
  });

  it('are refused in another format, and of a model that is not deployed', async () => {
    const ask = await open();

    expect(await ask('/pages', { format: 'pdf' })).toMatchObject({ status: 400 });
    expect(await ask('/pages/nobody')).toMatchObject({ status: 404 });
  });
});
