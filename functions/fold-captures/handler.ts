import { captureDayPrefix, REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import { FoldCapturesInput, type FoldHours } from '../../shared/contracts/drift-workflow.ts';
import { DRIFT_REFERENCE_FILE, foldedPrefix, foldedSources } from '../../shared/contracts/monitoring-keys.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { interpretPlan } from '../../shared/core/monitoring/index.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { type FoldStore, foldObject } from './fold-object.ts';

interface Deps {
  readonly data: FoldStore;
  readonly files: Pick<VersionFiles, 'read'>;
}

const MOST_OBJECTS = 100_000;

const pendingOf = async (data: FoldStore, model: string, foldId: string, { day, hours }: FoldHours) => {
  const prefix = captureDayPrefix(model, day);
  const [only, more] = hours;
  const [markers, objects] = await Promise.all([
    data.list(foldedPrefix(model, foldId, day), MOST_OBJECTS),
    // An hour so full that it goes alone is listed alone.
    data.list(only === undefined || more !== undefined ? prefix : `${prefix}${only}/`, MOST_OBJECTS),
  ]);
  const [folded, asked] = [foldedSources(markers), new Set(hours)];
  return objects.filter(
    ({ key, etag }) => asked.has(key.slice(prefix.length, prefix.length + 2)) && !folded.has(key, etag),
  );
};

/**
 * Folds the captured objects of some hours, one after another, into a delta of each. What has been folded is left alone:
 * run again, after a death or beside another, it does the rest, and what two do at once they write the same.
 */
export const createHandler =
  ({ data, files }: Deps) =>
  async (event: unknown): Promise<{ readonly foldedCount: number }> => {
    const { model, package: packaged, item } = parse(FoldCapturesInput, event);
    const plan = await interpretPlan(await files.read(packaged, DRIFT_REFERENCE_FILE), () =>
      files.read(packaged, REFERENCE_PROFILE_FILE),
    );
    let foldedCount = 0;
    for (const hours of item.days) {
      for (const source of await pendingOf(data, model, plan.id, hours)) {
        await foldObject(data, { model, plan, arrivalDay: hours.day, source });
        foldedCount += 1;
      }
    }
    logLine('info', 'captures folded', { model, foldId: plan.id, foldedCount });
    return { foldedCount };
  };
