import { shortNumber } from './chart-scales.ts';
import { renderTable } from './html-blocks.ts';

/** What one of several versions answered in a window, against the reference of the version in service. */
export interface VersionDrift {
  readonly version: number;
  readonly rowCount: number;
  /** By column, the predictions as `@prediction`; absent of too few predictions to say. */
  readonly psi?: Readonly<Record<string, number>>;
}

const PREDICTION_COLUMN = '@prediction';
const MOST_FEATURES = 3;

const farthest = (psi: Readonly<Record<string, number>>): string =>
  Object.entries(psi)
    .filter(([name]) => name !== PREDICTION_COLUMN)
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, MOST_FEATURES)
    .map(([name, value]) => `${name} ${shortNumber(value)}`)
    .join(', ');

const rowOf = ({ version, rowCount, psi }: VersionDrift): readonly string[] => [
  String(version),
  rowCount.toLocaleString('en'),
  psi === undefined ? 'too few to compare' : shortNumber(psi[PREDICTION_COLUMN] ?? 0),
  psi === undefined ? '' : farthest(psi),
];

/** A table of PSI by version; nothing where one version answered all. */
export const renderVersionDrift = (versions: readonly VersionDrift[] = []): readonly string[] =>
  versions.length === 0
    ? []
    : [
        '<h3>PSI by the version that answered, over the window</h3>',
        renderTable({
          label: 'PSI by version',
          columns: ['version', 'predictions', 'PSI of the predictions', 'PSI of the farthest features'],
          rows: versions.map(rowOf),
        }),
      ];
