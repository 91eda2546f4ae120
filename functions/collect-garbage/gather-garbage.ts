import {
  type Folder,
  foldersOf,
  isUnreferenced,
  type Retention,
  versionsIn,
} from '../../shared/core/governance/index.ts';
import type { ModelVersion } from '../../shared/core/registry/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelCatalog } from '../../shared/ports/model-catalog.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

export interface GarbageSources {
  readonly artifacts: Pick<ArtifactStore, 'list'>;
  readonly catalog: Pick<ModelCatalog, 'listModels' | 'listVersions'>;
  readonly registry: Pick<ModelRegistry, 'getRun' | 'listRuns'>;
}

const MOST_OBJECTS = 1_000_000;
const RUNS_PAGE = 100;
/** A run that still runs is among the newest thousand. */
const MOST_RUN_PAGES = 10;

const anyRuns = async ({ registry }: GarbageSources, model: string): Promise<boolean> => {
  let cursor: string | undefined;
  for (let page = 0; page < MOST_RUN_PAGES; page += 1) {
    const { items, nextCursor } = await registry.listRuns(model, RUNS_PAGE, cursor);
    if (items.some(({ status }) => status === 'RUNNING')) return true;
    cursor = nextCursor;
    if (cursor === undefined) return false;
  }
  return false;
};

/** A training may be about to register any package of its model: the same data give the same digest. */
const isBusy = async (sources: GarbageSources, { kind, model, id }: Folder): Promise<boolean> =>
  kind === 'models' ? anyRuns(sources, model) : (await sources.registry.getRun(model, id))?.status === 'RUNNING';

/** The versions of every model that is registered, or that has files. */
const versionsOf = async (
  { catalog }: GarbageSources,
  folders: readonly Folder[],
): Promise<readonly ModelVersion[]> => {
  const registered = await catalog.listModels();
  const names = new Set([...registered.map(({ model }) => model), ...folders.map(({ model }) => model)]);
  const found: ModelVersion[] = [];
  for (const name of names) found.push(...(await catalog.listVersions(name)));
  return found;
};

export interface Garbage {
  readonly folderCount: number;
  readonly garbage: readonly Folder[];
  readonly versions: readonly ModelVersion[];
}

interface Rules {
  readonly retention: Retention;
  readonly nowMs: number;
}

const ROOTS = ['models/', 'runs/'];

/** What is garbage at this moment. */
export const gatherGarbage = async (sources: GarbageSources, { retention, nowMs }: Rules): Promise<Garbage> => {
  const files = (await Promise.all(ROOTS.map((prefix) => sources.artifacts.list(prefix, MOST_OBJECTS)))).flat();
  const folders = foldersOf(files);
  const versions = await versionsOf(sources, folders);
  const garbage: Folder[] = [];
  for (const folder of folders) {
    if (!isUnreferenced(folder, { versions, retention, nowMs })) continue;
    if (!(await isBusy(sources, folder))) garbage.push(folder);
  }
  return { folderCount: folders.length, garbage, versions };
};

/**
 * A folder that was found to be garbage as it is now, with the versions whose files it holds; undefined if it is needed
 * again. Its model's versions are read anew; `versions` are those of all models as they were.
 */
export const stillGarbage = async (
  sources: GarbageSources,
  { prefix, model }: Folder,
  { versions: before, retention, nowMs }: Rules & Pick<Garbage, 'versions'>,
): Promise<{ readonly folder: Folder; readonly versions: readonly ModelVersion[] } | undefined> => {
  const [folder] = foldersOf(await sources.artifacts.list(prefix, MOST_OBJECTS));
  if (folder === undefined || (await isBusy(sources, folder))) return undefined;
  const others = before.filter((version) => version.model !== model);
  const versions = [...others, ...(await sources.catalog.listVersions(model))];
  if (!isUnreferenced(folder, { versions, retention, nowMs })) return undefined;
  return { folder, versions: folder.kind === 'models' ? versionsIn(folder, versions) : [] };
};
