import {
  type CapturedPrediction,
  createCaptureFold,
  type DriftWindow,
  type FoldPlan,
  findRefolds,
  type MergedDay,
  mergeDay,
  mergeWindow,
  type StoredDelta,
} from '../../shared/core/monitoring/index.ts';

/** Captured objects, by their keys. */
export type CapturedLines = Readonly<Record<string, readonly CapturedPrediction[]>>;

const sourceOf = (key: string) => ({ key, etag: '"1"' });

/** Every delta of every object, folded one object at a time. */
export const foldObjects = (plan: FoldPlan, objects: CapturedLines): readonly StoredDelta[] =>
  Object.entries(objects).flatMap(([key, lines]) => {
    const fold = createCaptureFold(plan);
    for (const line of lines) fold.take(line);
    return fold.end().map((delta) => ({ source: sourceOf(key), ...delta }));
  });

/** One day of captured objects, each prediction counted once: by the cores alone, as the functions do it over stores. */
export const mergeObjects = (
  plan: FoldPlan,
  day: string,
  objects: CapturedLines,
  {
    dayBefore,
    order = (deltas) => deltas,
  }: {
    readonly dayBefore?: string;
    readonly order?: (deltas: readonly StoredDelta[]) => readonly StoredDelta[];
  } = {},
): MergedDay => {
  const all = foldObjects(plan, objects);
  const deltas = order(all.filter((delta) => delta.day === day));
  const before = all.filter((delta) => delta.day === dayBefore).map(({ index }) => index);
  const refolds = new Map(findRefolds(deltas, before).map(({ source, without }) => [source.key, without]));
  let leftOut = 0;
  const counted = deltas.flatMap((delta) => {
    const without = refolds.get(delta.source.key);
    if (without === undefined) return [delta];
    leftOut += without.size;
    const fold = createCaptureFold(plan, new Map([[day, without]]));
    for (const line of objects[delta.source.key] ?? []) fold.take(line);
    return fold
      .end()
      .filter((again) => again.day === day)
      .map((again) => ({ source: delta.source, ...again }));
  });
  return mergeDay(plan, day, counted, leftOut);
};

/** A window of predictions. */
export const foldWindow = (
  plan: FoldPlan,
  {
    fromMs,
    toMs,
    rows,
  }: { readonly fromMs: number; readonly toMs: number; readonly rows: readonly CapturedPrediction[] },
): DriftWindow => {
  const fold = createCaptureFold(plan);
  for (const row of rows) fold.take(row);
  const days = fold
    .end()
    .map((delta) => mergeDay(plan, delta.day, [{ source: sourceOf('object'), ...delta }], 0))
    .map((day) => ({ ...day, sources: '' }));
  return mergeWindow({ bins: plan.bins, fromMs, toMs, days });
};
