import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { judgeRules } from '../../../shared/core/deployment/index.ts';
import { foretell } from '../../../shared/core/judging/index.ts';
import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import { shortTime, table } from './progress.ts';
import type { Comparison, StoryFacts } from './story-facts.ts';

/** What the canary of this model can and cannot see at this traffic, beside a champion that does not fail. */
export const canaryPower = ({ deployment }: ModelDefinition, requestsPerDay: number): string => {
  const { canarySteps: steps, bakeMinutes } = deployment;
  const { plan } = judgeRules(
    deployment,
    { startedAtMs: 0, steps, bakeMs: bakeMinutes * MINUTE_MS, evidenceLagMs: 0 },
    0,
  );
  const canaryShare = steps[0] ?? 1;
  if (canaryShare === 1) return 'a version gets all requests at once: there is no canary';
  const traffic = { unitsPerHour: requestsPerDay / 24, canaryShare, nowMs: 0 };
  const { text } = foretell(plan, { ...traffic, baseRates: { errors: 0, slow: 0.01, prediction: 0.5 } });
  return `canaries at this traffic: ${text}`;
};

const comparisonTable = ({ first, second, weeks, whole }: Comparison): string => {
  const rows = weeks.map((week) => {
    const { interval, meanDifference } = week.comparison;
    const bounds = interval ? `[${interval.lower.toFixed(4)}, ${interval.upper.toFixed(4)}]` : '';
    return [
      `${week.from} – ${week.through.slice(5)}`,
      String(week.flights),
      week.first.auc.toFixed(4),
      week.second.auc.toFixed(4),
      week.first.logLoss.toFixed(4),
      week.second.logLoss.toFixed(4),
      meanDifference.toFixed(4),
      bounds,
    ];
  });
  const head = [
    'week',
    'flights',
    `AUC ${first}`,
    `AUC ${second}`,
    `log loss ${first}`,
    `log loss ${second}`,
    'difference',
    '95 % by day',
  ];
  const { interval } = whole;
  const sum = interval
    ? `  all: ${second} − ${first} = ${whole.meanDifference.toFixed(4)} a day, 95 % [${interval.lower.toFixed(4)}, ${interval.upper.toFixed(4)}], better on ${whole.betterDayCount} of ${whole.dayCount} days: ${second} is ${whole.verdict}`
    : '';
  return `${table([head, ...rows])}\n${sum}`;
};

/** The timeline and the tables that end the story. Nothing here is computed: it shows the facts. */
export const narrate = (facts: StoryFacts): string => {
  const lines: string[] = ['', 'Timeline (UTC, virtual time)'];
  for (const { atMs, text } of facts.timeline) lines.push(`  ${shortTime(atMs)}  ${text}`);
  lines.push('', 'Versions on all flights of the month that they did not learn from');
  const rows = facts.versions.flatMap(({ version, trainedThroughMs, months }) =>
    months.map(({ month, flights, auc, logLoss }) => [
      `v${version}`,
      `knows until ${shortTime(trainedThroughMs)}`,
      month,
      String(flights),
      auc.toFixed(4),
      logLoss.toFixed(4),
    ]),
  );
  lines.push(table([['version', '', 'month', 'flights', 'AUC', 'log loss'], ...rows]));
  if (facts.comparison) {
    lines.push('', `Both versions on the same flights, since ${facts.comparison.second} was trained`);
    lines.push(comparisonTable(facts.comparison));
  }
  return lines.join('\n');
};
