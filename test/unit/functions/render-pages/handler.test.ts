import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/render-pages/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryRolloutEvidence } from '../../../../shared/adapters/memory/rollout-evidence.ts';
import { driftReportKey } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { fleetPageKey, modelPageKey } from '../../../../shared/contracts/pages.ts';
import { testReportKey } from '../../../../shared/contracts/test-suite.ts';
import type { Fleet, ModelPage } from '../../../../shared/core/pages/index.ts';
import { utcDay } from '../../../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../../../shared/ports/artifact-store.ts';
import { drawnModelFacts } from '../../../browser/drawn-model.ts';

const MODELS = ['births', 'toy'];
const SCHEDULED = '2026-11-22T06:00:00Z';
const { driftReports, tests } = drawnModelFacts();

const open = async (data: ArtifactStore) => {
  for (const report of driftReports) {
    await data.put(driftReportKey('toy', utcDay(report.toMs - 1)), toJsonFile(report));
  }
  const { registry, lineage } = createMemoryRegistry();
  const definitions = new Map(MODELS.map((name) => [name, { name, owner: 'ann', description: `about ${name}` }]));
  const handler = createHandler({
    stage: 'test',
    definitions: definitions as never,
    registry,
    rolloutEvidence: createMemoryRolloutEvidence(),
    notifications: { list: async () => [] },
    lineage,
    data,
    artifacts: createMemoryArtifactStore(),
  });
  const render = (model: string) => handler({ model, scheduledAt: SCHEDULED });
  const readText = async (key: string) => new TextDecoder().decode(await data.get(key));
  const readFleet = async (): Promise<Fleet> => JSON.parse(await readText(fleetPageKey('json')));
  const readPage = async (model: string): Promise<ModelPage> => JSON.parse(await readText(modelPageKey(model, 'json')));
  return { render, readText, readFleet, readPage };
};

describe('render-pages', () => {
  it('writes the page of a model and that of all models, with their data', async () => {
    const { render, readText, readFleet, readPage } = await open(createMemoryArtifactStore());

    const output = await render('toy');

    expect(output).toEqual({ model: 'toy', modelCount: 1 });
    expect(await readText(modelPageKey('toy', 'html'))).toContain('<h1>toy</h1>');
    const fleetHtml = await readText(fleetPageKey('html'));
    expect(fleetHtml).toContain('href="toy.html"');
    expect(fleetHtml).toContain('No check has looked at births yet.');
    expect((await readFleet()).models.map(({ model }) => model)).toEqual(['toy']);
    const page = await readPage('toy');
    expect(page.atMs).toBe(Date.parse(SCHEDULED));
    expect(page.heatMap.known?.days).toHaveLength(21);
    expect(page.tests.missing).toContain('No test suite has run yet');
  });

  it('writes the same when the check is repeated', async () => {
    const data = createMemoryArtifactStore();
    const { render } = await open(data);
    const etags = async () => (await data.list('pages/')).map(({ key, etag }) => [key, etag]);

    await render('toy');
    const before = await etags();
    await render('toy');

    expect(await etags()).toEqual(before);
    expect(before).toHaveLength(5);
  });

  it('takes the newest day that has a report where a step failed on later ones', async () => {
    const data = createMemoryArtifactStore();
    const { render, readPage } = await open(data);
    await data.put(testReportKey('toy', '2026-11-18'), toJsonFile(tests));

    await render('toy');

    expect((await readPage('toy')).tests.known?.failCount).toBe(1);
  });

  it('ends with both models on the page of all when two checks write at once', async () => {
    // The first to write the page of all comes to it last.
    const data = createMemoryArtifactStore();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isFirst = true;
    const slow: ArtifactStore = {
      ...data,
      put: async (key, body, type) => {
        const waits = key === fleetPageKey('json') && isFirst;
        if (waits) {
          isFirst = false;
          await held;
        }
        return data.put(key, body, type);
      },
    };
    const { render, readFleet } = await open(slow);

    const first = render('toy');
    while (isFirst) await new Promise((resolve) => setImmediate(resolve));
    await render('births');
    release();
    await first;

    expect((await readFleet()).models.map(({ model }) => model)).toEqual(['births', 'toy']);
  });

  it('refuses a model that is not deployed', async () => {
    const { render } = await open(createMemoryArtifactStore());

    await expect(render('nobody')).rejects.toThrow('model "nobody" is not deployed');
  });
});
