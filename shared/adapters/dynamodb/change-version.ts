import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { ModelVersion } from '../../core/registry/index.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { encodeEntity } from './entity.ts';
import { guardedUpdate } from './guarded-update.ts';
import { versionKey } from './keys.ts';
import { type LocatedVersion, locateVersion } from './locate-version.ts';
import { commit, type RegistryEntry } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';

const DEADLINE_MS = 10_000;

export interface VersionChange {
  /** Fields of the item as they will be; one of undefined is taken away. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly entry: Pick<RegistryEntry, 'action' | 'principal' | 'atMs' | 'before' | 'after'> & {
    readonly reason?: string | undefined;
  };
  /** What else must hold when it is written. */
  readonly checks?: readonly TransactWriteItem[];
}

/**
 * Reads the version, decides, and writes the change with the record of it if nothing changed in what the decision rests
 * on; otherwise reads and decides once more.
 * @param decide returns undefined when what stands is what is wanted.
 */
export const changeVersion = (
  context: RegistryContext,
  what: string,
  { model, version }: { readonly model: string; readonly version: number },
  decide: (standing: LocatedVersion) => VersionChange | undefined | Promise<VersionChange | undefined>,
): Promise<ModelVersion> =>
  retryWhileContended(
    what,
    DEADLINE_MS,
    async () => {
      const located = await locateVersion(context, model, version);
      const change = await decide(located);
      if (change === undefined) return located.version;
      const { reason, ...entry } = change.entry;
      const { home, fields: before } = located;
      const key = versionKey(home, version);
      const after = { ...before, ...change.fields };
      const relied = ['status', 'lifecycle', 'collectedAtMs'];
      const update = guardedUpdate({ table: context.registryTable, key, before, after, relied });
      const { outcome } = await commit(context, [update, ...(change.checks ?? [])], {
        workspace: DEFAULT_WORKSPACE,
        model,
        version,
        versionItem: encodeEntity('ModelVersion', key, after),
        ...entry,
        ...(reason === undefined ? {} : { reason }),
      });
      if (outcome !== 'written') return CONTENDED;
      const changed = Object.entries({ ...located.version, ...change.fields });
      return Object.fromEntries(changed.filter(([, value]) => value !== undefined)) as unknown as ModelVersion;
    },
    context.pacing,
  );
