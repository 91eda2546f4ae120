import { twoProportionZTest } from '../statistics/two-proportion-z-test.ts';
import type { ColumnProfile, NumberProfile, TableProfile } from './column-profile.ts';
import { estimateDistinct } from './distinct-sketch.ts';
import { duplicatedRows, usualDuplicatedShare } from './duplicated-rows.ts';

export type QualityKind =
  | 'absent column'
  | 'unexpected column'
  | 'missing values'
  | 'mistyped values'
  | 'not finite values'
  | 'out of range'
  | 'beyond reference'
  | 'new categories'
  | 'constant column'
  | 'duplicated columns'
  | 'duplicated rows';

/** Something that is worse than in the reference. */
export interface QualityFinding {
  readonly kind: QualityKind;
  /** Absent of what concerns the rows. */
  readonly column?: string;
  /** Of the rows, in [0, 1]. */
  readonly share?: number;
  readonly referenceShare?: number;
  /** That the shares are one, for independent rows. */
  readonly pValue?: number;
  /** What explains it: the extremes on both sides, categories, the column's twin, or the bounds of an estimated share. */
  readonly detail?: string;
}

interface Sides {
  readonly reference: TableProfile;
  readonly current: TableProfile;
}

type CountOf = (column: ColumnProfile) => number;

const lastOf = (counts: Float64Array): number => counts[counts.length - 1] as number;

const asNumber =
  (count: (column: NumberProfile) => number): CountOf =>
  (column) =>
    column.type === 'number' ? count(column) : 0;

const SHARES: readonly (readonly [QualityKind, CountOf])[] = [
  ['absent column', ({ absentCount }) => absentCount],
  ['missing values', ({ missingCount }) => missingCount],
  ['mistyped values', ({ mistypedCount }) => mistypedCount],
  ['not finite values', asNumber(({ notFiniteCount }) => notFiniteCount)],
  ['out of range', asNumber(({ outOfRangeCount }) => outOfRangeCount)],
  ['new categories', (column) => (column.type === 'category' ? lastOf(column.counts) : 0)],
];

const categoriesOf = (column: ColumnProfile): string | undefined =>
  column.type === 'category' && column.others.entries.length > 0
    ? column.others.entries
        .slice(0, 3)
        .map(({ value }) => value)
        .join(', ')
    : undefined;

const shareFindings = (before: ColumnProfile, now: ColumnProfile, sides: Sides): readonly QualityFinding[] =>
  SHARES.flatMap(([kind, countOf]) => {
    const reference = { count: countOf(before), total: sides.reference.rowCount };
    const current = { count: countOf(now), total: sides.current.rowCount };
    const share = current.count / current.total;
    const referenceShare = reference.count / reference.total;
    if (share <= referenceShare) return [];
    const { pValue } = twoProportionZTest(reference, current);
    const detail = kind === 'new categories' ? categoriesOf(now) : undefined;
    return [{ kind, column: now.name, share, referenceShare, pValue, ...(detail === undefined ? {} : { detail }) }];
  });

const rangeFinding = (before: ColumnProfile, now: ColumnProfile): readonly QualityFinding[] => {
  if (before.type !== 'number' || now.type !== 'number' || before.moments.count === 0 || now.moments.count === 0)
    return [];
  const { minimum, maximum } = before.moments;
  if (now.moments.minimum >= minimum && now.moments.maximum <= maximum) return [];
  const detail = `[${minimum}, ${maximum}] became [${now.moments.minimum}, ${now.moments.maximum}]`;
  return [{ kind: 'beyond reference', column: now.name, detail }];
};

const isConstant = (column: ColumnProfile): boolean => {
  if (column.type === 'number') return column.moments.count > 1 && column.moments.minimum === column.moments.maximum;
  const filled = column.counts.filter((count) => count > 0);
  const oneOther = lastOf(column.counts) === 0 || Math.round(estimateDistinct(column.distinct)) === 1;
  return filled.length === 1 && (filled[0] as number) > 1 && oneOther;
};

const constantFinding = (before: ColumnProfile, now: ColumnProfile): readonly QualityFinding[] =>
  isConstant(now) && !isConstant(before) ? [{ kind: 'constant column', column: now.name }] : [];

/**
 * Columns of few kinds are seldom twins by mistake, and constant ones are found as such; in a single row any two may be
 * equal.
 */
const twinsOf = ({ columns, rowCount }: TableProfile): ReadonlySet<string> => {
  const first = new Map<string, string>();
  const pairs = new Set<string>();
  if (rowCount < 2) return pairs;
  for (const column of columns) {
    if (isConstant(column) || column.fingerprint === 0) continue;
    const key = `${column.type} ${column.fingerprint}`;
    const twin = first.get(key);
    if (twin === undefined) first.set(key, column.name);
    else pairs.add(JSON.stringify([column.name, twin]));
  }
  return pairs;
};

const twinFindings = ({ reference, current }: Sides): readonly QualityFinding[] => {
  const known = twinsOf(reference);
  return [...twinsOf(current)]
    .filter((pair) => !known.has(pair))
    .map((pair) => {
      const [column, detail] = JSON.parse(pair) as [string, string];
      return { kind: 'duplicated columns', column, detail };
    });
};

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

/** What cannot be told from the usual share by the sketches is none. */
const rowFindings = ({ reference, current }: Sides): readonly QualityFinding[] => {
  const { share, low, high } = duplicatedRows(current);
  if (low <= usualDuplicatedShare(reference, current.rowCount)) return [];
  const detail = `${percent(low)} to ${percent(high)} with 99 % confidence`;
  return [{ kind: 'duplicated rows', share, referenceShare: duplicatedRows(reference).share, detail }];
};

/** What is worse in the current rows than in the reference's; none without rows on either side. */
export const qualityFindings = (reference: TableProfile, current: TableProfile): readonly QualityFinding[] => {
  if (reference.rowCount === 0 || current.rowCount === 0) return [];
  const sides = { reference, current };
  const byColumn = reference.columns.flatMap((before, i) => {
    const now = current.columns[i];
    if (now === undefined) return [];
    return [...shareFindings(before, now, sides), ...rangeFinding(before, now), ...constantFinding(before, now)];
  });
  const strange = current.unexpected.filter((name) => !reference.unexpected.includes(name));
  return [
    ...byColumn,
    ...strange.map((column): QualityFinding => ({ kind: 'unexpected column', column })),
    ...twinFindings(sides),
    ...rowFindings(sides),
  ];
};
