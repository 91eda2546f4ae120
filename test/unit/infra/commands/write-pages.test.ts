import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writePages } from '../../../../infra/commands/write-pages.ts';
import { modelPage, modelSummary, renderModelPage } from '../../../../shared/core/pages/index.ts';
import { bareModelFacts, drawnModelFacts } from '../../../browser/drawn-model.ts';
import { deadLinks } from '../../../helpers/dead-links.ts';

const facts = (model: string) => ({ ...bareModelFacts(), model });
const api = {
  get: async (path: string): Promise<unknown> => {
    const [, model] = /^\/pages\/([^?]+)\?format=json$/.exec(path) ?? [];
    if (model !== undefined) return modelPage(facts(model));
    expect(path).toBe('/pages?format=json');
    return { stage: 'test', atMs: 0, models: ['toy', 'index'].map((name) => modelSummary(facts(name))) };
  },
};

it('writes pages that link to each other as files, also of a model that is called index', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'millrace-pages-')), 'deep');

  const written = await writePages(api, folder, undefined);

  expect(written).toEqual({ file: join(folder, 'index.html'), modelCount: 2 });
  expect((await readdir(folder)).toSorted()).toEqual(['index.html', 'index_.html', 'toy.html']);
  const fleet = await readFile(join(folder, 'index.html'), 'utf8');
  const linked = [...fleet.matchAll(/<th scope="row"><a href="([^"]+)"/g)].map(([, href]) => href);
  expect(linked.toSorted()).toEqual(['index_.html', 'toy.html']);
  expect(await readFile(join(folder, 'toy.html'), 'utf8')).toContain('href="index.html"');
});

it('writes one model’s page and says which file it is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pages-'));

  expect(await writePages(api, folder, 'toy')).toEqual({ file: join(folder, 'toy.html'), modelCount: 1 });
  expect((await readdir(folder)).toSorted()).toEqual(['index.html', 'toy.html']);
});

it('writes no link to a page that is not beside it, also where it writes one model’s after another’s', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pages-'));
  const dead = async () => {
    const files = await readdir(folder);
    const pages = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    return pages.flatMap((page) => deadLinks(page, files));
  };

  await writePages(api, folder, 'toy');
  expect(await dead()).toEqual([]);
  await writePages(api, folder, 'index');

  expect(await dead()).toEqual([]);
  expect(await readFile(join(folder, 'index.html'), 'utf8')).toContain('href="toy.html"');
  expect(deadLinks(renderModelPage(modelPage(drawnModelFacts()), 'files'), ['index.html'])).toEqual([]);
});

it('draws what was compared on some days only, although lists come with null where nothing is known', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-pages-'));
  const drawn = drawnModelFacts();
  // A column that the first days did not have.
  const driftReports = drawn.driftReports.map((report, at) => {
    const days = report.profiles?.days.map(({ day, psi: { distance: _, ...psi } }) => ({ day, psi }));
    return at > 3 || report.profiles === undefined
      ? report
      : { ...report, profiles: { ...report.profiles, days: days ?? [] } };
  });
  const page = modelPage({ ...drawn, driftReports });
  const sent = {
    get: async (path: string): Promise<unknown> =>
      JSON.parse(
        JSON.stringify(path.startsWith('/pages?') ? { stage: 'test', atMs: 0, models: [page.summary] } : page),
      ),
  };

  await writePages(sent, folder, page.model);

  const written = await readFile(join(folder, `${page.model}.html`), 'utf8');
  expect(written).toBe(renderModelPage(page, 'files'));
  expect(written).toContain('aria-label="not compared"');
});
