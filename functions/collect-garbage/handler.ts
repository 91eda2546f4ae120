import { CollectGarbageInput, type CollectGarbageOutput } from '../../shared/contracts/garbage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type Folder, planCollection } from '../../shared/core/governance/index.ts';
import { gatherGarbage } from './gather-garbage.ts';
import { type CollectDeps, removeFolder } from './remove-folder.ts';

/** What one pass removes, within the function's time. */
const MOST_REMOVED = 5_000;
const SHOWN = 100;

const summaryOf = (folders: readonly Folder[]) => ({
  count: folders.length,
  sizeBytes: folders.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  prefixes: folders.slice(0, SHOWN).map(({ prefix }) => prefix),
});

/**
 * Removes what nobody needs any more from the artifact bucket: packages that no version refers to, or only ones archived
 * long ago, and working files of old runs. What is found is marked, and goes in a pass a day later or more if it is
 * garbage still. Run again, or stopped half-way, it goes on where it was. The bucket keeps removed objects as old
 * versions for a while.
 */
export const createHandler =
  (deps: CollectDeps) =>
  async (event: unknown): Promise<CollectGarbageOutput> => {
    const { mode } = parse(CollectGarbageInput, event);
    const { marks, retention, clock } = deps;
    const nowMs = clock.nowMs();
    const { folderCount, garbage, versions } = await gatherGarbage(deps, { retention, nowMs });
    const plan = planCollection(garbage, await marks.list(), nowMs);
    const told = { mode, folderCount, marked: summaryOf(plan.mark), unmarked: { count: plan.unmark.length } };
    if (mode === 'dry-run') return { ...told, collected: summaryOf(plan.collect), leftCount: 0 };
    for (const { prefix } of plan.mark) await marks.mark({ prefix, markedAtMs: nowMs });
    for (const prefix of plan.unmark) await marks.unmark(prefix);
    const collected: Folder[] = [];
    let removedCount = 0;
    let leftCount = 0;
    for (const folder of plan.collect) {
      // The first goes however large it is: a folder larger than a pass would never go.
      if (removedCount > 0 && removedCount + folder.keys.length > MOST_REMOVED) leftCount += 1;
      else if (await removeFolder(deps, folder, versions)) {
        collected.push(folder);
        removedCount += folder.keys.length;
      }
    }
    return { ...told, collected: summaryOf(collected), leftCount };
  };
