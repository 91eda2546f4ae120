import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fleetPageKey, modelPageKey } from '../../shared/contracts/pages.ts';
import { type Fleet, type ModelPage, renderFleetPage, renderModelPage } from '../../shared/core/pages/index.ts';
import type { PlatformApi } from './open-platform.ts';

/** What is not known came as null where it stands in a list: JSON has nothing else for it. */
const withGaps = (value: unknown): unknown => {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(withGaps);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withGaps(one)]));
};

/**
 * Asks the platform API for the pages' data and writes the pages of all models, or of one, as files that link to each other.
 * @returns the file to open, and how many models have a page.
 */
export const writePages = async (
  api: Pick<PlatformApi, 'get'>,
  folder: string,
  only: string | undefined,
): Promise<{ readonly file: string; readonly modelCount: number }> => {
  const fleet = withGaps(await api.get('/pages?format=json')) as Fleet;
  const names = only === undefined ? fleet.models.map(({ model }) => model) : [only];
  await mkdir(folder, { recursive: true });
  const index = join(folder, basename(fleetPageKey('html')));
  for (const name of names) {
    const page = withGaps(await api.get(`/pages/${name}?format=json`)) as ModelPage;
    await writeFile(join(folder, basename(modelPageKey(name, 'html'))), renderModelPage(page, 'files'));
  }
  const saved = new Set(await readdir(folder));
  const models = fleet.models.filter(({ model }) => saved.has(basename(modelPageKey(model, 'html'))));
  await writeFile(index, renderFleetPage({ ...fleet, models }, 'files'));
  const file = only === undefined ? index : join(folder, basename(modelPageKey(only, 'html')));
  return { file, modelCount: names.length };
};
