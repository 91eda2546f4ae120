import type { ModelVersion } from '../registry/index.ts';

/** How the versions of a model did on each dataset that they were measured on. */

export interface VersionScore {
  readonly version: number;
  /** A name that stands for the same rows wherever it is used; `holdout:<snapshot>` is a run's own holdout. */
  readonly dataset: string;
  /** SHA-256 of the dataset, hex. */
  readonly digest?: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly atMs: number;
  readonly by: string;
}

export const HOLDOUT_PREFIX = 'holdout:';

/** What the gate measured of a version on days that it had not seen; none of a version that no gate measured. */
export const holdoutScore = (version: ModelVersion): readonly VersionScore[] => {
  if (version.modelDigest === undefined || Object.keys(version.metrics).length === 0) return [];
  return [
    {
      version: version.version,
      dataset: `${HOLDOUT_PREFIX}${version.datasetSnapshot}`,
      metrics: version.metrics,
      atMs: version.registeredAtMs,
      by: `workflow:train-${version.model}`,
    },
  ];
};

export interface ScoreRow {
  readonly dataset: string;
  /** By version, the newest version first. */
  readonly scores: readonly Omit<VersionScore, 'dataset'>[];
}

/** Datasets by name, each with the versions that were measured on it. */
export const scoreMatrix = (scores: readonly VersionScore[]): readonly ScoreRow[] => {
  const rows = new Map<string, Omit<VersionScore, 'dataset'>[]>();
  for (const { dataset, ...score } of scores) rows.set(dataset, [...(rows.get(dataset) ?? []), score]);
  return [...rows]
    .map(([dataset, row]) => ({ dataset, scores: row.toSorted((a, b) => b.version - a.version) }))
    .toSorted((a, b) => (a.dataset < b.dataset ? -1 : 1));
};
