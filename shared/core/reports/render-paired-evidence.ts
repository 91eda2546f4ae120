import { renderChart } from './chart.ts';
import { shortNumber } from './chart-scales.ts';
import { renderFacts, renderList, renderNote, renderSection, renderTable, renderText } from './html-blocks.ts';
import type { RolloutReport } from './rollout-report.ts';
import { timeOf } from './tell-time.ts';

/** What both versions said of the same inputs. */

const percent = (share: number): string => `${shortNumber(100 * share)} %`;

export const renderReplay = ({ replay }: Pick<RolloutReport, 'replay'>): readonly string[] => {
  if (replay === undefined) return [];
  const {
    outcome,
    reasons,
    notes,
    rowCount,
    notComparableCount,
    fromMs,
    toMs,
    challengerFailures,
    championFailures,
    changedAbove,
    parts,
    latency,
  } = replay;
  const rows = parts.map(({ slice, rowCount, meanDifference, largestDifference, changedShare }) => [
    slice === 'all' ? 'whole' : slice,
    rowCount,
    meanDifference,
    largestDifference,
    percent(changedShare),
  ]);
  return [
    renderSection(
      'Replay of captured inputs',
      renderFacts([
        ['outcome', outcome],
        ['captured predictions', String(rowCount)],
        ['not comparable', notComparableCount === 0 ? undefined : String(notComparableCount)],
        ['inputs of', fromMs === undefined || toMs === undefined ? undefined : `${timeOf(fromMs)} to ${timeOf(toMs)}`],
        ['failures', `${challengerFailures} of the challenger, ${championFailures} of the champion`],
        [
          'median time of a row',
          latency === undefined
            ? undefined
            : `${shortNumber(latency.challengerMs)} ms of the challenger, ${shortNumber(latency.championMs)} ms of the champion`,
        ],
      ]),
      renderList([...reasons, ...notes]),
      ...(rows.length === 0
        ? []
        : [
            renderTable({
              label: 'Differences of predictions on the same inputs',
              columns: [
                'part',
                'rows',
                'mean difference',
                'largest',
                `changed by more than ${shortNumber(changedAbove)}`,
              ],
              rows,
            }),
          ]),
    ),
  ];
};

const MOST_TICKS = 5;

export const renderShadow = ({ shadow }: Pick<RolloutReport, 'shadow'>): readonly string[] => {
  if (shadow === undefined || shadow.days.length === 0) return [];
  const { days, verdict } = shadow;
  const step = Math.ceil(days.length / MOST_TICKS);
  const [{ champion, challenger } = { champion: 0, challenger: 0 }] = days;
  const place = new Map(days.map(({ day }, x) => [day, x]));
  const sequence = (verdict?.rows ?? []).map(({ day, ...bounds }) => ({
    x: place.get(day) ?? 0,
    y: Number.NaN,
    ...bounds,
  }));
  const better = days.filter(({ meanDifference }) => meanDifference < 0).length;
  const decided = place.get(verdict?.decidedBy?.day ?? '');
  const chart = renderChart({
    title: 'Difference of losses by day',
    description: `Version ${challenger} lost less than version ${champion} on ${better} of ${days.length} days.`,
    xName: 'day of the predictions, UTC',
    yName: 'difference of losses; below 0 it is better',
    xTicks: days.flatMap(({ day }, at) => (at % step === 0 ? [{ at, text: day.slice(5) }] : [])),
    levels: [{ at: 0, of: 'zero' }],
    moments: decided === undefined ? [] : [{ at: decided, text: verdict?.decision ?? '', of: 'mark' }],
    lines: [
      { of: 'candidate', points: sequence },
      { of: 'candidate', dots: true, points: days.map(({ meanDifference: y }, x) => ({ x, y })) },
    ],
  });
  return [
    renderSection(
      'Paired comparison by day',
      ...(verdict === undefined ? [] : [renderText(`${verdict.decision}: ${verdict.reason}`)]),
      chart,
      renderTable({
        label: 'Paired comparison by day',
        columns: ['day', 'rows', 'difference', `loss of version ${challenger}`, `loss of version ${champion}`],
        rows: days.map(({ day, rowCount, meanDifference, challengerLoss, championLoss }) => [
          day,
          rowCount,
          meanDifference,
          challengerLoss,
          championLoss,
        ]),
      }),
      renderNote(
        "Both versions scored the same captured inputs, once their labels had come; days, not rows, are the sample. The band is the confidence sequence of the median day's difference.",
      ),
    ),
  ];
};
