import { capturedRecords } from '../../shared/adapters/s3/captured-lines.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { dayDeltasPrefix, foldedName, foldedPrefix, markerName } from '../../shared/contracts/monitoring-keys.ts';
import {
  type CapturedObject,
  createCaptureFold,
  encodeDelta,
  type FoldPlan,
} from '../../shared/core/monitoring/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export type FoldStore = Pick<ArtifactStore, 'get' | 'list' | 'put'>;

/**
 * Folds one captured object: a delta for each UTC day of its predictions, and last the marker that says that all are
 * there. Everything is a function of the object's bytes, so that writing twice writes the same.
 * @throws ConflictError when the object is no longer the one that was listed.
 */
export const foldObject = async (
  data: FoldStore,
  {
    model,
    plan,
    arrivalDay,
    source: { key, etag },
  }: {
    readonly model: string;
    readonly plan: FoldPlan;
    readonly arrivalDay: string;
    readonly source: CapturedObject;
  },
): Promise<void> => {
  const fold = createCaptureFold(plan);
  for await (const record of capturedRecords(await data.get(key, etag))) {
    // Labels are joined by measure-performance, and of a request that failed there is nothing to profile.
    if (record.kind === 'prediction') fold.take(record);
  }
  const deltas = fold.end();
  const source = { key, etag };
  for (const delta of deltas) {
    const deltaKey = `${dayDeltasPrefix(model, plan.id, delta.day)}${foldedName(key, etag)}`;
    await data.put(deltaKey, encodeDelta({ source, ...delta }));
  }
  const marker = toJsonFile({ source, days: deltas.map(({ day }) => day) });
  await data.put(`${foldedPrefix(model, plan.id, arrivalDay)}${markerName(key, etag)}`, marker, 'application/json');
};
