import {
  type Chart,
  type EvaluationDetails,
  type RolloutFacts,
  renderBars,
  renderChart,
  standalonePicture,
} from '../reports/index.ts';
import type { TestSuiteReport } from '../test-suite/index.ts';
import type { NotificationEvent } from './notification.ts';
import { pictureOfRetraining, type RetrainingFacts } from './picture-of-retraining.ts';
import { pictureOfRollout } from './picture-of-rollout.ts';
import { pictureOfVersion } from './picture-of-version.ts';

/** What explains an event: figures, as HTML, or why there are none. */
export type Picture =
  | { readonly html: string; readonly missing?: undefined }
  /** As a sentence without its full stop. */
  | { readonly missing: string; readonly html?: undefined };

interface DriftFacts {
  readonly decision?: {
    readonly findings: readonly { readonly column: string; readonly slice: string; readonly statistic: number }[];
    readonly columns: readonly { readonly name: string; readonly share: number }[];
  };
  readonly comparison: { readonly columns: readonly { readonly name: string; readonly psi?: number | undefined }[] };
}

interface QualityFacts {
  readonly task: 'binary-classification' | 'regression';
  readonly days: readonly {
    readonly day: string;
    readonly measured: Readonly<
      Partial<Record<string, { readonly value: number; readonly lower?: number; readonly upper?: number }>>
    >;
  }[];
  readonly limits: readonly { readonly metric: string; readonly slice: string; readonly limit: number }[];
}

interface SkewFacts {
  readonly served: readonly { readonly name: string; readonly differingShare: number }[];
}

export interface PictureFacts {
  readonly drift?: DriftFacts | undefined;
  readonly performance?: QualityFacts | undefined;
  readonly tests?: TestSuiteReport | undefined;
  readonly retraining?: RetrainingFacts | undefined;
  /** With its looks. */
  readonly rollout?: RolloutFacts | undefined;
  readonly skew?: SkewFacts | undefined;
  /** Of the version that waits, or that is tried. */
  readonly evaluation?: EvaluationDetails | undefined;
}

const MOST_BARS = 8;

const pictureOfDrift = ({ decision, comparison }: DriftFacts): string | undefined => {
  const named = decision?.columns ?? [];
  const bars =
    named.length > 0
      ? named.map(({ name, share }) => ({ name, value: share }))
      : comparison.columns.flatMap(({ name, psi }) => (psi === undefined ? [] : [{ name, value: psi }]));
  if (bars.length === 0) return undefined;
  const worst = bars.toSorted((a, b) => b.value - a.value).slice(0, MOST_BARS);
  const what = named.length > 0 ? 'Share of the evidence by feature' : 'PSI by feature';
  const description = `${what}: ${worst.map(({ name, value }) => `${name} ${value.toPrecision(2)}`).join(', ')}.`;
  return renderBars({ title: what, description, groups: [worst.map((bar) => ({ ...bar, of: 'candidate' as const }))] });
};

const MOST_TICKS = 5;

/** The chart of a metric by day, with its limit. */
export const qualityChart = ({ days, limits, task }: QualityFacts): Chart | undefined => {
  const metric = task === 'regression' ? 'rmse' : 'logLoss';
  const measured = days.flatMap(({ day, measured: { [metric]: found } }) =>
    found === undefined ? [] : [{ day, ...found }],
  );
  if (measured.length === 0) return undefined;
  const limit = limits.find((one) => one.metric === metric && one.slice === 'all')?.limit;
  const step = Math.ceil(measured.length / MOST_TICKS);
  return {
    title: `${metric} by day`,
    description: `${metric} of ${measured.length} days, the last ${measured.at(-1)?.value.toPrecision(3)}${limit === undefined ? '' : `; its limit is ${limit.toPrecision(3)}`}.`,
    xName: 'day of the predictions, UTC',
    yName: metric,
    xTicks: measured.flatMap(({ day }, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : [])),
    levels: limit === undefined ? [] : [{ at: limit, text: 'limit', of: 'dashed' }],
    lines: [
      {
        of: 'candidate',
        dots: true,
        points: measured.map(({ value: y, lower, upper }, x) => ({
          x,
          y,
          ...(lower === undefined ? {} : { lower }),
          ...(upper === undefined ? {} : { upper }),
        })),
      },
    ],
  };
};

const pictureOfTests = ({ tests }: TestSuiteReport): string | undefined => {
  const groups = tests
    .filter(({ status }) => status === 'fail')
    .slice(0, MOST_BARS)
    .flatMap(({ id, measured, condition }) => {
      const { atMost, below = atMost, atLeast, above = atLeast } = condition ?? {};
      const limit = below !== undefined && (measured ?? 0) > below ? below : (above ?? below);
      if (measured === undefined || limit === undefined) return [];
      return [
        [
          { name: id, value: measured, of: 'candidate' as const },
          { name: 'its limit', value: limit, of: 'baseline' as const },
        ],
      ];
    });
  if (groups.length === 0) return undefined;
  const description = `${groups.length} failed tests beside their limits.`;
  return renderBars({ title: 'Failed tests beside their limits', description, groups });
};

const pictureOfSkew = ({ served }: SkewFacts): string | undefined => {
  const worst = served
    .filter(({ differingShare }) => differingShare > 0)
    .toSorted((a, b) => b.differingShare - a.differingShare)
    .slice(0, MOST_BARS);
  if (worst.length === 0) return undefined;
  const title = 'Share of values that training would compute otherwise';
  const description = `${title}: ${worst.map(({ name, differingShare }) => `${name} ${differingShare.toPrecision(2)}`).join(', ')}.`;
  const bars = worst.map(({ name, differingShare: value }) => ({ name, value, of: 'candidate' as const }));
  return renderBars({ title, description, groups: [bars] });
};

const pictureOfQuality = (facts: QualityFacts): string | undefined => {
  const chart = qualityChart(facts);
  return chart && renderChart(chart);
};

/** Undefined where nothing is on record to draw. */
const drawn = (event: NotificationEvent, facts: PictureFacts): string | undefined => {
  switch (event) {
    case 'drift':
      return facts.drift && pictureOfDrift(facts.drift);
    case 'quality':
      return facts.performance && pictureOfQuality(facts.performance);
    case 'tests':
      return facts.tests && pictureOfTests(facts.tests);
    case 'retraining':
      return facts.retraining && pictureOfRetraining(facts.retraining);
    case 'rollout':
      return (
        (facts.rollout && pictureOfRollout(facts.rollout)) ?? (facts.evaluation && pictureOfVersion(facts.evaluation))
      );
    case 'approval':
      return facts.evaluation && pictureOfVersion(facts.evaluation);
    case 'alarm':
      return facts.skew && pictureOfSkew(facts.skew);
  }
};

const MISSING: Readonly<Record<NotificationEvent, string>> = {
  drift: 'no drift report of the day was found that compares anything',
  quality: 'no report of the day was found in which quality is measured',
  tests: 'no report of the day was found with a failed test and its limit',
  retraining: 'no back-test was found',
  rollout: 'no comparison of the canary with another version was found',
  approval: 'no evaluation report of the version was found',
  alarm: 'an alarm rings on a metric, which CloudWatch draws',
};

/** The picture that explains an event, from what is on record of it. */
export const pictureOf = (event: NotificationEvent, facts: PictureFacts): Picture => {
  const html = drawn(event, facts);
  return html === undefined ? { missing: MISSING[event] } : { html };
};

/** The first figure, as an SVG that needs no page around it. */
export const pictureFile = (picture: Picture): string | undefined =>
  picture.missing === undefined ? standalonePicture(picture.html) : undefined;
