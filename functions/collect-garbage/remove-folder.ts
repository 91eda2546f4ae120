import type { Folder, Retention } from '../../shared/core/governance/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { GarbageMarks } from '../../shared/ports/garbage-marks.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { type Garbage, type GarbageSources, stillGarbage } from './gather-garbage.ts';

export interface CollectDeps extends GarbageSources {
  readonly registry: GarbageSources['registry'] & Pick<ModelRegistry, 'collectVersion'>;
  readonly marks: GarbageMarks;
  readonly deleteObject: (key: string) => Promise<void>;
  readonly retention: Retention;
  readonly clock: Clock;
}

const PRINCIPAL = 'workflow:collect-garbage';

/** Removes a folder if it is garbage still. @returns whether it went. */
export const removeFolder = async (
  deps: CollectDeps,
  found: Folder,
  versions: Garbage['versions'],
): Promise<boolean> => {
  const { retention, registry, deleteObject, marks, clock } = deps;
  const nowMs = clock.nowMs();
  const still = await stillGarbage(deps, found, { versions, retention, nowMs });
  if (still === undefined) return false;
  // On record first: from here on nobody expects the files, whichever of them a death leaves.
  for (const { model, version } of still.versions) {
    await registry.collectVersion({ model, version, principal: PRINCIPAL, atMs: nowMs });
  }
  for (const key of still.folder.keys) await deleteObject(key);
  await marks.unmark(found.prefix);
  return true;
};
