import { shorten } from '../../kernel/show-value.ts';
import { endedWithoutVersion } from '../registry/index.ts';
import { type Cell, renderChart, renderNote, renderTable, renderText, shortNumber, timeOf } from '../reports/index.ts';
import { tellPredictions } from '../retraining/index.ts';
import type { RetrainingRun, RetrainingStory, StalenessCurve } from './retraining-story.ts';

const LONGEST_TEXT = 200;
const DECISIONS = { retrain: 'retrain', wait: 'wait', person: 'a person decides' } as const;

const gainOf = ({ worth }: RetrainingRun): string | undefined => {
  const gain = worth?.backTest?.gain;
  if (gain === undefined) return undefined;
  return `${shortNumber(gain.mean)} (${shortNumber(gain.lower)} to ${shortNumber(gain.upper)})`;
};

const moneyOf = ({ worth }: RetrainingRun): string | undefined => {
  if (worth === undefined) return undefined;
  const { value, costUsd } = worth;
  const cost = costUsd === undefined ? 'a cost that nobody knows' : `$${shortNumber(costUsd)}`;
  if (value === undefined) return `no value declared, against ${cost}`;
  return `$${shortNumber(value.gainUsd.mean)} against ${cost}, ${value.horizonDays} days at ${tellPredictions(value)}`;
};

/** Of one without a version the last column says why. */
const endOf = (run: RetrainingRun): string =>
  endedWithoutVersion(run) ? 'finished, no version' : run.status.toLowerCase();

const rowOf = (run: RetrainingRun): readonly Cell[] => [
  timeOf(run.atMs),
  shorten(run.cause, LONGEST_TEXT),
  run.worth === undefined ? 'not estimated' : DECISIONS[run.worth.decision],
  gainOf(run),
  moneyOf(run),
  endOf(run),
  run.version === undefined ? undefined : String(run.version),
  shorten(run.worth?.reason ?? run.outcome ?? '', LONGEST_TEXT),
];

const COLUMNS = [
  'started',
  'cause',
  'decision',
  'gain in loss, back-tested',
  'gain against cost',
  'run',
  'version',
  'why',
];

/** What the age of a model costs, with the curve. */
export const renderStaleness = ({ points, paysFromDays, statement }: StalenessCurve): string => {
  const drawn = points.map(({ fromDays, toDays, addedLoss, lower, upper }) => ({
    x: (fromDays + toDays) / 2,
    y: addedLoss,
    ...(lower === undefined || upper === undefined ? {} : { lower, upper }),
  }));
  const chart = renderChart({
    title: 'Added loss by age of the model',
    description: statement,
    xName: 'days since its newest data',
    yName: 'added loss',
    lines: [{ of: 'candidate', dots: true, points: drawn }],
    levels: [{ at: 0, of: 'zero' }],
    moments: paysFromDays === undefined ? [] : [{ at: paysFromDays, text: 'retraining pays', of: 'mark' }],
  });
  return `<h3>What its age costs</h3>\n${renderText(statement)}\n${points.length === 0 ? '' : chart}`;
};

export const renderRetraining = ({ runs, staleness }: RetrainingStory): string =>
  [
    runs.length === 0
      ? renderText('Nothing was trained yet.')
      : renderTable({ label: 'Training runs, newest first', columns: COLUMNS, rows: runs.map(rowOf) }),
    staleness === undefined
      ? renderNote(
          'What the age of the model costs is estimated when an alarm asks whether retraining is worth it; none has yet.',
        )
      : renderStaleness(staleness),
  ].join('\n');
