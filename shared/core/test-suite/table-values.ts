import {
  type ColumnProfile,
  compareProfiles,
  duplicatedRows,
  type ProfileComparison,
  type TableProfile,
  usualDuplicatedShare,
} from '../profiles/index.ts';
import { type TestKey, testIdOf } from './test-report.ts';

/** What one day's rows measure beside the reference's. */

export interface TestedFeature {
  readonly name: string;
  readonly type: 'number' | 'category';
  /** `whole-weeks` features are calendars: one day of theirs always differs. */
  readonly monitor?: 'report' | 'whole-weeks';
  /** It may be missing, of every row of a day too. */
  readonly nullable?: boolean;
}

export interface TableValue {
  readonly value: number;
  /** What is behind it, worst first. */
  readonly detail: readonly string[];
  /** Of what is estimated. */
  readonly interval?: readonly [low: number, high: number];
  /** What the reference as a whole leads to expect, of what its single days do not say. */
  readonly usual?: { readonly atMost: number; readonly basis: string };
}

/** By the ids of tests. */
export type TableValues = ReadonlyMap<string, TableValue>;

export const PREDICTION_COLUMN = '@prediction';
const LISTED = 5;

const lastOf = (counts: Float64Array): number => counts.at(-1) ?? 0;

type ShareCheck = 'out-of-range-share' | 'missing-share' | 'new-category-share';

/** A count of a column's rows, and of which columns there is one. */
const SHARES: Readonly<Record<ShareCheck, (column: ColumnProfile) => number | undefined>> = {
  'out-of-range-share': (column) => (column.type === 'number' ? column.outOfRangeCount : undefined),
  'missing-share': ({ missingCount, absentCount }) => missingCount + absentCount,
  'new-category-share': (column) => (column.type === 'category' ? lastOf(column.counts) : undefined),
};

type Entry = readonly [id: string, value: TableValue];

const entry = (key: TestKey, value: number, detail: readonly string[] = []): Entry => [
  testIdOf(key),
  { value, detail },
];

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`;

const shareEntries = (check: ShareCheck, { columns, rowCount }: TableProfile, names: ReadonlySet<string>): Entry[] => {
  const shares = columns.flatMap((column) => {
    const count = names.has(column.name) ? SHARES[check](column) : undefined;
    return count === undefined ? [] : [{ name: column.name, share: count / rowCount }];
  });
  if (shares.length === 0) return [];
  const worst = shares.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share);
  const told = worst.slice(0, LISTED).map(({ name, share }) => `${name} ${percent(share)}`);
  return [
    entry({ check }, worst[0]?.share ?? 0, told),
    ...shares.map(({ name, share }) => entry({ check, column: name }, share)),
  ];
};

const driftEntries = ({ columns }: ProfileComparison, features: readonly TestedFeature[]): Entry[] => {
  const judged = new Set(features.filter(({ monitor }) => monitor !== 'whole-weeks').map(({ name }) => name));
  const compared = columns.filter(({ name }) => judged.has(name));
  const drifted = compared.filter((column) => column.drifted).sort((a, b) => b.psi - a.psi);
  const prediction = columns.find(({ name }) => name === PREDICTION_COLUMN);
  return [
    ...(compared.length === 0
      ? []
      : [
          entry(
            { check: 'drifted-feature-share' },
            drifted.length / compared.length,
            drifted.slice(0, LISTED).map(({ name, measure, score }) => `${name} (${measure} ${score.toPrecision(3)})`),
          ),
        ]),
    ...compared.map(({ name, psi }) => entry({ check: 'feature-drift', column: name }, psi)),
    ...(prediction === undefined ? [] : [entry({ check: 'prediction-drift' }, prediction.psi)]),
  ];
};

const COUNTED = {
  'schema-faults': ['absent column', 'unexpected column', 'mistyped values'],
  'constant-columns': ['constant column'],
  'duplicated-columns': ['duplicated columns'],
} as const;

/** A column whose every value is missing came as if it had not come, unless it may be missing. */
const isEmpty = (
  { kind, share, column }: ProfileComparison['quality'][number],
  nullable: ReadonlySet<string>,
): boolean => kind === 'missing values' && share === 1 && !nullable.has(column ?? '');

const countEntries = ({ quality }: ProfileComparison, nullable: ReadonlySet<string>): Entry[] =>
  (Object.keys(COUNTED) as (keyof typeof COUNTED)[]).map((check) => {
    const kinds: readonly string[] = COUNTED[check];
    const found = quality.filter(
      (finding) => kinds.includes(finding.kind) || (check === 'schema-faults' && isEmpty(finding, nullable)),
    );
    const columns = new Set(found.map(({ column }) => column ?? ''));
    const told = found.slice(0, LISTED).map(({ kind, column = '', detail }) => {
      const twin = check === 'duplicated-columns' && detail !== undefined ? ` of ${detail}` : '';
      return `${column}: ${kind}${twin}`;
    });
    return entry({ check }, columns.size, told);
  });

/** Held to the whole reference: how often rows repeat each other depends on how many there are, of a day as of a month. */
const rowEntry = (reference: TableProfile, current: TableProfile): Entry => {
  const { share, low, high } = duplicatedRows(current);
  const atMost = usualDuplicatedShare(reference, current.rowCount);
  const basis = `what the ${reference.rowCount.toLocaleString('en')} rows learnt from lead to expect, within the error of counting different rows`;
  const value = { value: share, detail: [], interval: [low, high], usual: { atMost, basis } } as const;
  return [testIdOf({ check: 'duplicated-rows' }), value];
};

/**
 * Everything that a suite measures of a table, by the ids of its tests; nothing of a table without rows. A column that a
 * batch did not have counts as missing there.
 * @throws InvalidRequestError when the profiles were counted by different bins.
 */
export const tableValues = (
  reference: TableProfile,
  current: TableProfile,
  features: readonly TestedFeature[],
): TableValues => {
  if (reference.rowCount === 0 || current.rowCount === 0) return new Map();
  const comparison = compareProfiles(reference, current);
  const names = new Set(features.map(({ name }) => name));
  const nullable = new Set(features.flatMap((feature) => (feature.nullable === true ? [feature.name] : [])));
  const shares = (Object.keys(SHARES) as ShareCheck[]).flatMap((check) => shareEntries(check, current, names));
  return new Map([
    ...driftEntries(comparison, features),
    ...shares,
    ...countEntries(comparison, nullable),
    rowEntry(reference, current),
  ]);
};
