import { type Chart, renderBars, renderChart, standalonePicture } from '../reports/index.ts';
import type { TestSuiteReport } from '../test-suite/index.ts';
import type { NotificationEvent } from './notification.ts';

/** The picture that explains an event, of the reports of its day; undefined where they have none. */

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

export interface PictureFacts {
  readonly drift?: DriftFacts | undefined;
  readonly performance?: QualityFacts | undefined;
  readonly tests?: TestSuiteReport | undefined;
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

/** As a figure of HTML. */
export const pictureOf = (event: NotificationEvent, facts: PictureFacts): string | undefined => {
  switch (event) {
    case 'drift':
      return facts.drift && pictureOfDrift(facts.drift);
    case 'quality': {
      const chart = facts.performance && qualityChart(facts.performance);
      return chart && renderChart(chart);
    }
    case 'tests':
      return facts.tests && pictureOfTests(facts.tests);
    default:
      return undefined;
  }
};

/** As an SVG that needs no page around it. */
export const pictureFile = (figure: string | undefined): string | undefined =>
  figure === undefined ? undefined : standalonePicture(figure);
