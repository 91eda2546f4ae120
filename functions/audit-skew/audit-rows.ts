import { createHash } from 'node:crypto';
import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import { downloadDataset } from '../../shared/adapters/s3/download-dataset.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  type CapturedRow,
  compareFeatures,
  type FeatureSkew,
  knownRowsSql,
  type MomentOf,
  replayRequests,
  viewSqlOf,
} from '../../shared/core/features/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore, StoredObject } from '../../shared/ports/artifact-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';

export type OpenEngine = (spillFolder: string) => Promise<TableEngine>;

interface Stores {
  readonly data: Pick<ArtifactStore, 'get'>;
  readonly openEngine: OpenEngine;
  /** The dataset's objects of a span. */
  readonly list: (span: { readonly fromMs: number; readonly throughMs: number }) => Promise<readonly StoredObject[]>;
}

export interface SkewAudit {
  /** Against the transform as of the moment of the values served: any difference is a fault, or data that came late. */
  readonly served: readonly FeatureSkew[];
  /** Against the transform as of the request itself: how much the age of the values costs. Of a sample. */
  readonly fresh: readonly FeatureSkew[];
  readonly sampledCount: number;
  /** Views whose values were missing or too old, by how many rows. */
  readonly notPresentCounts: Readonly<Record<string, number>>;
}

/** Each row is a moment of its own, for which every entity is computed. */
const SAMPLE_ROWS = 50;

const servedMoment: MomentOf = ({ sources }, view) => {
  const source = sources.views[view.name];
  return source?.status === 'PRESENT' ? source.eventAtMs : undefined;
};

const requestMoment: MomentOf = (row, view) => (servedMoment(row, view) === undefined ? undefined : row.atMs);

const hashOf = ({ predictionId }: CapturedRow): string => createHash('sha256').update(predictionId).digest('hex');

/** Drawn by the ids, so that the same rows are drawn again. */
const sampleOf = (rows: readonly CapturedRow[]): readonly CapturedRow[] =>
  rows
    .map((row) => ({ row, place: hashOf(row) }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1))
    .slice(0, SAMPLE_ROWS)
    .map(({ row }) => row);

const notPresentCounts = (rows: readonly CapturedRow[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const [view, { status }] of rows.flatMap(({ sources }) => Object.entries(sources.views))) {
    if (status !== 'PRESENT') counts[view] = (counts[view] ?? 0) + 1;
  }
  return counts;
};

/** Compares what captured rows were served with what they would be trained on. */
export const auditRows = async (
  { data, openEngine, list }: Stores,
  { features, featureViews = [], data: source }: ModelDefinition,
  rows: readonly CapturedRow[],
): Promise<SkewAudit> => {
  const views = featureViews.map((view) => viewSqlOf(features, view));
  const names = [
    ...featureViews.flatMap((view) => view.features),
    ...(source.requestFeatures ?? []).map(({ name }) => name),
  ];
  const sample = sampleOf(rows);
  const counted = { sampledCount: sample.length, notPresentCounts: notPresentCounts(rows) };
  const moments = rows.flatMap((row) => views.flatMap((view) => servedMoment(row, view) ?? []));
  const lookBackMs = Math.max(1, ...featureViews.map(({ lookBackDays }) => lookBackDays)) * DAY_MS;
  const fromMs = moments.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) - lookBackMs;
  const throughMs = rows.reduce((latest, { atMs }) => Math.max(latest, atMs), 0);
  const objects = moments.length === 0 ? [] : await list({ fromMs, throughMs });
  if (objects.length === 0)
    return { served: compareFeatures(names, []), fresh: compareFeatures(names, []), ...counted };
  return inScratchFolder(async (folder) => {
    const files = await downloadDataset(data, objects, folder);
    const engine = await openEngine(folder);
    try {
      await engine.execute(knownRowsSql(files));
      const compare = async (momentOf: MomentOf, some: readonly CapturedRow[]) =>
        compareFeatures(names, await replayRequests(engine, { data: source, views, momentOf }, some));
      return { served: await compare(servedMoment, rows), fresh: await compare(requestMoment, sample), ...counted };
    } finally {
      await engine.close();
    }
  });
};
