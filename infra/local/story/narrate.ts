import type { ModelDefinition } from '../../../shared/contracts/model-definition.ts';
import { detectableHarm } from '../../../shared/core/deployment/index.ts';
import { shortTime, table } from './progress.ts';
import type { Comparison, StoryFacts } from './story-facts.ts';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** What the canary of this model can and cannot see at this traffic. */
export const canaryPower = ({ deployment }: ModelDefinition, requestsPerDay: number): string => {
  const { canarySteps, bakeMinutes, maxErrorShareIncrease } = deployment;
  const requestsPerStep = (requestsPerDay * bakeMinutes) / 1_440;
  const sentences = canarySteps
    .filter((weight) => weight < 1)
    .map((weight) => {
      const canaryRequestCount = Math.round(requestsPerStep * weight);
      const championRequestCount = Math.round(requestsPerStep * (1 - weight));
      const harm = detectableHarm({ canaryRequestCount, championRequestCount, maxErrorShareIncrease });
      return `${percent(weight)} (${canaryRequestCount} requests): ${(100 * harm).toFixed(1)} points`;
    });
  return `at this traffic the canary catches, with 80 % probability, added failures of ${sentences.join('; ')}; less harm passes`;
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
