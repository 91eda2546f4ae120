import {
  type Heard,
  heardApproval,
  heardRetraining,
  heardRollBack,
  type PictureFacts,
  pictureOf,
  renderNotification,
} from '../../shared/core/notifications/index.ts';
import {
  armLines,
  renderCardHtml,
  renderEvaluationReport,
  renderExperimentReport,
  renderRolloutReport,
  renderRolloutTimeline,
  reportRollout,
  rolloutTimeline,
} from '../../shared/core/reports/index.ts';
import { countUnits, experimentResults } from '../../shared/core/routing/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { cardOf, hostileCard } from '../helpers/card-evidence.ts';
import { drawnEvaluation } from '../helpers/drawn-evaluation.ts';
import { drawnRollout, drawsOf, STARTED_MS } from '../helpers/judged-rollouts.ts';
import { agedModels, weighedRun } from '../helpers/weighed-run.ts';

const drawnExperiment = (): string => {
  const draw = drawsOf(3);
  const experiment = {
    experimentId: 'wind-model',
    startedAtMs: STARTED_MS,
    endedAtMs: STARTED_MS + DAY_MS,
    control: 2,
    arms: [
      { version: 2, share: 5_000 },
      { version: 3, share: 5_000 },
    ],
  };
  const [counts, lines] = [countUnits(experiment), armLines(experiment, { outputs: true })];
  for (let index = 0; index < 4_000; index += 1) {
    const version = draw() < 0.5 ? 2 : 3;
    const line = {
      kind: draw() < 0.01 * version ** 2 ? 'failure' : 'prediction',
      predictionId: `p-${index}`,
      atMs: STARTED_MS + (index * DAY_MS) / 4_000,
      version,
      output: 0.2 + 0.1 * draw(),
      assignment: { unit: `u-${index}`, arm: 'wind-model' },
    } as const;
    counts.add(line);
    lines.add(line);
  }
  const comparisons = lines.compare(STARTED_MS + 2 * DAY_MS);
  return renderExperimentReport({ model: 'toy', complete: false, ...experimentResults(counts), comparisons });
};

const notification = (heard: Heard, facts: PictureFacts): string => {
  const record = { ...heard, id: `${heard.subject}-1`, openedAtMs: heard.atMs, heardAtMs: heard.atMs, tellings: [] };
  return renderNotification(record, pictureOf(heard.event, facts));
};

/** What people are told, with the pictures that are drawn from records. */
const notifications = (): Readonly<Record<string, string>> => {
  const about = { model: 'toy', version: 3, rolloutId: 'r-3', report: '/models/toy/rollouts/r-3/report' };
  const weighed = { model: 'toy', runId: 'run-1', decision: 'person' as const, reason: 'it loses <more>' };
  const retraining = { worth: weighedRun(), staleness: agedModels() };
  const rollout = drawnRollout({ version: 3, errorShare: 0.05 });
  return {
    'notification of a retraining': notification(heardRetraining(weighed, STARTED_MS), { retraining }),
    'notification of a roll-back': notification(heardRollBack({ ...about, reason: 'worse' }, STARTED_MS), { rollout }),
    'notification of a version that waits': notification(heardApproval(about, STARTED_MS), {
      evaluation: drawnEvaluation(),
    }),
    'notification without its picture': notification(heardApproval(about, STARTED_MS), {}),
  };
};

/** Every page for people, with all that it can show, by a name. */
export const reportPages = (): Readonly<Record<string, string>> => {
  const drawn = [
    drawnRollout({ version: 2, errorShare: 0.02 }),
    drawnRollout({ version: 3, errorShare: 0.05 }),
    drawnRollout({ version: 4, errorShare: 0.02, running: true }),
  ];
  const rollouts = drawn.map(({ rollout }, index) => {
    const { startedAtMs, endedAtMs, ...rest } = rollout;
    const later = 5 * DAY_MS * index;
    return {
      ...rest,
      startedAtMs: startedAtMs + later,
      ...(endedAtMs === undefined ? {} : { endedAtMs: endedAtMs + later }),
    };
  });
  const timeline = rolloutTimeline({ model: 'toy', rollouts, complete: true, atMs: STARTED_MS + 11 * DAY_MS });
  const [promoted, rolledBack, running] = drawn.map((facts) => renderRolloutReport(reportRollout(facts)));
  return {
    'evaluation report': renderEvaluationReport(drawnEvaluation()),
    'A/B experiment': drawnExperiment(),
    'model card': renderCardHtml(cardOf({ rollouts: { items: rollouts, complete: true } })),
    'model card of what users may write': renderCardHtml(hostileCard()),
    'rollout that was promoted': promoted ?? '',
    'rollout that was rolled back': rolledBack ?? '',
    'rollout that runs': running ?? '',
    'rollouts over time': renderRolloutTimeline(timeline),
    ...notifications(),
  };
};
