import {
  type ColumnBins,
  type ColumnDrift,
  type ColumnProfile,
  compareProfiles,
  mergeProfiles,
  type QualityFinding,
  type TableProfile,
} from '../profiles/index.ts';
import { populationStabilityIndex } from '../statistics/population-stability-index.ts';
import { type CountedReference, referenceWeeks } from './counted-reference.ts';
import type { DriftWindow } from './drift-window.ts';
import { ALL_TRAFFIC } from './fold-plan.ts';
import type { TrainingReference } from './training-reference.ts';

/** A column's distribution on both sides. */
interface ColumnCounts {
  readonly edges?: readonly number[];
  readonly categories?: readonly string[];
  readonly reference: readonly number[];
  readonly window: readonly number[];
  readonly referenceMissing: number;
  readonly windowMissing: number;
}

interface PsiOfPart {
  readonly rowCount: number;
  /** By column. */
  readonly psi: Readonly<Record<string, number>>;
}

/** Every measure of a window against the reference of a version with profiles by day. */
export interface ProfiledWindow {
  readonly binsId: string;
  readonly referenceRows: number;
  readonly referenceDays: number;
  readonly columns: readonly (ColumnDrift & { readonly bins: ColumnCounts })[];
  readonly quality: readonly QualityFinding[];
  readonly days: readonly (PsiOfPart & { readonly day: string })[];
  readonly slices: readonly (PsiOfPart & { readonly name: string })[];
  /** Where several versions answered: each of them, oldest first; without `psi` below `minRows` predictions. */
  readonly versions?: readonly (Pick<PsiOfPart, 'rowCount'> &
    Partial<Pick<PsiOfPart, 'psi'>> & { readonly version: number })[];
}

const countsOf = (bins: ColumnBins, reference: ColumnProfile, window: ColumnProfile): ColumnCounts => ({
  ...(bins.type === 'number' ? { edges: bins.edges } : { categories: bins.categories }),
  reference: Array.from(reference.counts),
  window: Array.from(window.counts),
  referenceMissing: reference.missingCount,
  windowMissing: window.missingCount,
});

const withMissing = ({ counts, missingCount }: ColumnProfile): number[] => [...counts, missingCount];

/** PSI of every column but those that only whole weeks can be compared by. */
const psiOf = (
  reference: TableProfile,
  part: TableProfile,
  skipped: ReadonlySet<string>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    reference.columns.flatMap((before, i) => {
      const now = part.columns[i];
      if (now === undefined || skipped.has(before.name)) return [];
      return [[before.name, populationStabilityIndex(withMissing(before), withMissing(now))]];
    }),
  );

/**
 * What each version answered, against the reference of the one in service, by whose bins all are counted. It decides
 * nothing: a canary that answers otherwise is judged by its rollout.
 */
const compareVersions = (
  reference: TableProfile,
  { byVersion }: DriftWindow,
  { skipped, minRows }: { readonly skipped: ReadonlySet<string>; readonly minRows: number },
): Pick<ProfiledWindow, 'versions'> => {
  if (byVersion.length === 0) return {};
  const versions = byVersion.map(({ version, profile }) => {
    const { rowCount } = profile;
    return { version, rowCount, ...(rowCount < minRows ? {} : { psi: psiOf(reference, profile, skipped) }) };
  });
  return { versions };
};

/**
 * Compares window and reference by all measures, by day, by slice and by version. Calendar columns are compared over the
 * newest whole weeks of both sides, and not by part.
 * @param minRows from which on a version is compared: the PSI of few rows is large by chance.
 */
export const compareWindow = (
  training: TrainingReference,
  counted: CountedReference,
  window: DriftWindow,
  { minRows }: { readonly minRows: number },
): ProfiledWindow => {
  const { bins, whole } = training;
  const calendar = new Set(counted.columns.filter(({ monitor }) => monitor === 'whole-weeks').map(({ name }) => name));
  const weeks = calendar.size === 0 ? whole : referenceWeeks(training);
  const compared = compareProfiles(whole, window.whole);
  const byWeeks = calendar.size === 0 ? compared : compareProfiles(weeks, window.weeks);
  const columns = bins.columns.flatMap((column, i) => {
    const [found, reference, current] = calendar.has(column.name)
      ? [byWeeks, weeks, window.weeks]
      : [compared, whole, window.whole];
    const drift = found.columns.find(({ name }) => name === column.name);
    const [before, now] = [reference.columns[i], current.columns[i]];
    return drift && before && now ? [{ ...drift, bins: countsOf(column, before, now) }] : [];
  });
  return {
    binsId: bins.id,
    referenceRows: whole.rowCount,
    referenceDays: training.days.length,
    columns,
    // A part week has no Sunday perhaps: that calendar columns are constant then is no finding.
    quality: compared.quality.filter(({ column }) => column === undefined || !calendar.has(column)),
    days: window.days.flatMap(({ day, slices }) => {
      const profile = slices.get(ALL_TRAFFIC);
      return profile === undefined ? [] : [{ day, rowCount: profile.rowCount, psi: psiOf(whole, profile, calendar) }];
    }),
    slices: [...window.slices].flatMap(([name, profile]) => {
      const before = mergeProfiles(
        bins,
        training.days.flatMap(({ slices }) => slices?.[name] ?? []),
      );
      if (before.rowCount === 0) return [];
      return [{ name, rowCount: profile.rowCount, psi: psiOf(before, profile, calendar) }];
    }),
    ...compareVersions(whole, window, { skipped: calendar, minRows }),
  };
};
