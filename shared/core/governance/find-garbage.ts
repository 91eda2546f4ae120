import { DAY_MS } from '../../kernel/time.ts';
import type { ModelVersion } from '../registry/index.ts';

/** What of the artifact bucket nobody needs any more: by what refers to it, and for how long nothing has. */

/** Everything below `models/<model>/<digest>/` or `runs/<model>/<runId>/`. */
export interface Folder {
  /** With the slash at its end. */
  readonly prefix: string;
  readonly kind: 'models' | 'runs';
  readonly model: string;
  /** A digest of a package, or the id of a run. */
  readonly id: string;
  readonly keys: readonly string[];
  readonly sizeBytes: number;
  readonly newestAtMs: number;
}

export interface Retention {
  /** Days for which an archived version's files stay, and files of a package that no version refers to. */
  readonly packageDays: number;
  /** Days for which a run's working files stay after the last was written. */
  readonly runDays: number;
}

interface File {
  readonly key: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
}

const FOLDER = /^(models|runs)\/([^/]+)\/([^/]+)\/./;

/** Files by the folder that they stand or go with. A file elsewhere belongs to none, and stays. */
export const foldersOf = (files: readonly File[]): readonly Folder[] => {
  const byPrefix = new Map<string, File[]>();
  for (const file of files) {
    const [whole, kind, model, id] = FOLDER.exec(file.key) ?? [];
    if (whole === undefined) continue;
    const prefix = `${kind}/${model}/${id}/`;
    const known = byPrefix.get(prefix);
    if (known) known.push(file);
    else byPrefix.set(prefix, [file]);
  }
  return [...byPrefix].map(([prefix, inside]) => {
    const [kind = '', model = '', id = ''] = prefix.split('/');
    return {
      prefix,
      kind: kind as Folder['kind'],
      model,
      id,
      keys: inside.map(({ key }) => key),
      sizeBytes: inside.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      newestAtMs: inside.reduce((newest, { lastModifiedMs }) => Math.max(newest, lastModifiedMs), 0),
    };
  });
};

const isPast = (atMs: number, days: number, nowMs: number): boolean => atMs + days * DAY_MS <= nowMs;

/** Archived, and for as long as files of archived versions stay. */
const isSpent = ({ lifecycle, lifecycleAtMs }: ModelVersion, days: number, nowMs: number): boolean =>
  lifecycle === 'ARCHIVED' && lifecycleAtMs !== undefined && isPast(lifecycleAtMs, days, nowMs);

/** Whether a version's files are these: by its package, or by whatever URI a client gave of them. */
const refersTo = (version: ModelVersion, { prefix }: Folder): boolean => {
  if (version.modelDigest !== undefined && version.artifactPrefix === prefix) return true;
  const uris = [version.source, ...(version.modelDigest === undefined ? [version.storageLocation ?? ''] : [])];
  return uris.some((uri) => `${uri}/`.includes(`/${prefix}`));
};

const comesFrom = (version: ModelVersion, { model, id }: Folder): boolean =>
  version.model === model && version.runId === id;

interface Situation {
  /** Of every model. */
  readonly versions: readonly ModelVersion[];
  readonly retention: Retention;
  readonly nowMs: number;
}

/** Versions whose files are in a folder: what goes with it when it goes. */
export const versionsIn = (folder: Folder, versions: readonly ModelVersion[]): readonly ModelVersion[] =>
  versions.filter((version) => refersTo(version, folder));

/**
 * Whether a folder is needed by no version: each that refers to it was archived long enough ago, and its newest file is
 * old enough. Of runs, also those that an existing version came from count as needed, and stay as long.
 * Whether something runs that needs it, is asked besides.
 */
export const isUnreferenced = (folder: Folder, { versions, retention, nowMs }: Situation): boolean => {
  const { packageDays, runDays } = retention;
  const days = folder.kind === 'models' ? packageDays : runDays;
  if (!isPast(folder.newestAtMs, days, nowMs)) return false;
  const refers = folder.kind === 'models' ? refersTo : comesFrom;
  return versions.every((version) => !refers(version, folder) || isSpent(version, packageDays, nowMs));
};

/** When a folder was first found to be garbage. */
export interface GarbageMark {
  readonly prefix: string;
  readonly markedAtMs: number;
}

export interface CollectionPlan {
  readonly mark: readonly Folder[];
  /** Prefixes that were marked and are needed again, or gone. */
  readonly unmark: readonly string[];
  readonly collect: readonly Folder[];
}

/** How long garbage stays marked before it goes: two passes, at least a day apart, must agree. */
export const MARKED_MS = DAY_MS;

export const planCollection = (
  garbage: readonly Folder[],
  marks: readonly GarbageMark[],
  nowMs: number,
): CollectionPlan => {
  const markedAt = new Map(marks.map(({ prefix, markedAtMs }) => [prefix, markedAtMs]));
  const prefixes = new Set(garbage.map(({ prefix }) => prefix));
  return {
    mark: garbage.filter(({ prefix }) => !markedAt.has(prefix)),
    unmark: [...markedAt.keys()].filter((prefix) => !prefixes.has(prefix)),
    collect: garbage.filter(({ prefix }) => (markedAt.get(prefix) ?? Number.POSITIVE_INFINITY) + MARKED_MS <= nowMs),
  };
};
