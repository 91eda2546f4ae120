import { isoTime } from '../../kernel/time.ts';
import type { CardContent, CardEvaluation, ModelCard } from './model-card.ts';

/** A card as titled sections of plain text, which the renderers write down and escape. */

export interface CardTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface CardSection {
  readonly title: string;
  /** Label and text. */
  readonly facts: readonly (readonly [string, string])[];
  readonly notes?: readonly string[];
  readonly table?: CardTable;
  readonly code?: string;
}

type Fact = readonly [string, string];

/** Facts without a value are left out. */
const facts = (values: Readonly<Record<string, unknown>>): readonly Fact[] =>
  Object.entries(values).flatMap(([label, value]): readonly Fact[] => {
    if (value === undefined || value === null || value === '') return [];
    return [[label, typeof value === 'string' ? value : JSON.stringify(value)]];
  });

const timeOf = (atMs: number | undefined): string => (atMs === undefined ? '' : isoTime(atMs));
const textOf = (value: number | undefined): string => (value === undefined ? '' : String(value));
const verdict = (passed: boolean): string => (passed ? 'passed' : 'failed');
/** Counts that were cut say so. */
const countOf = (count: number, complete: boolean): string => (complete ? `${count}` : `at least ${count}`);

const aboutSection = ({ cardVersion, digest, generatedAtMs, content }: ModelCard): CardSection => ({
  title: 'About this card',
  facts: facts({ card: `${cardVersion}`, digest, generated: timeOf(generatedAtMs), comments: commentsOf(content) }),
});

const commentsOf = ({ comments }: CardContent): string => countOf(comments.count, comments.complete);

const overviewSection = (content: CardContent): CardSection => {
  const { lifecycleChange: change, package: packaged, tags } = content;
  return {
    title: 'Overview',
    facts: [
      ...facts({
        owner: content.owner,
        description: content.description,
        task: content.definition?.task,
        status: content.status,
        lifecycle: content.lifecycle,
        'lifecycle changed': change && `${timeOf(change.atMs)} by ${change.by}: ${change.reason}`,
        registered: timeOf(content.registeredAtMs),
        submitter: packaged?.submitter,
        source: content.source,
        'model digest': packaged?.modelDigest,
        'manifest digest': packaged?.manifestDigest,
        'promoted from': packaged?.origin && `${packaged.origin.stage}, version ${packaged.origin.version}`,
      }),
      ...Object.entries(tags).map(([key, value]): Fact => [`tag ${key}`, value]),
    ],
  };
};

const dataSection = ({ definition, materials, package: packaged }: CardContent): CardSection => ({
  title: 'Training data',
  facts: facts({
    dataset: definition?.data.dataset,
    source: definition && `${definition.data.source.package}, ${definition.data.source.file}`,
    snapshot: materials?.snapshotId ?? packaged?.datasetSnapshot,
    'snapshot taken as of': timeOf(materials?.asOfMs),
    objects: materials && `${materials.objectCount} (${materials.sizeBytes} bytes)`,
    'knowledge through': timeOf(packaged?.trainedThroughMs),
    'warm-up days': definition?.data.warmUpDays,
    'training days': definition?.data.trainingDays,
    'most rows': definition?.data.maxRows,
    'lockfile digest': materials?.lockfile,
    runtime: materials && `Node ${materials.node}, ${materials.architecture}`,
    rounds: materials?.rounds,
  }),
  ...(definition === undefined ? {} : { code: definition.data.featuresSql }),
});

const definitionSections = ({ definition }: CardContent): readonly CardSection[] => {
  if (definition === undefined) return [];
  const { features, stands, trainer, checks, evaluation } = definition;
  return [
    {
      title: `Features (${stands})`,
      facts: [],
      table: {
        columns: ['name', 'type', 'min', 'max', 'may be missing'],
        rows: features.map(({ name, type, min, max, nullable }) => [
          name,
          type,
          textOf(min),
          textOf(max),
          nullable ? 'yes' : 'no',
        ]),
      },
    },
    { title: `Trainer (${stands})`, facts: facts(trainer) },
    { title: `Checks and gate (${stands})`, facts: [...facts(checks), ...facts(evaluation)] },
  ];
};

const QUALITY = ['rowCount', 'loss', 'auc', 'brier', 'labelMean', 'predictionMean'] as const;

const qualityTable = ({ candidate, champion, baseline }: CardEvaluation): CardTable => ({
  columns: ['metric', 'candidate', 'champion', 'baseline'],
  rows: QUALITY.filter((name) => candidate.quality[name] !== undefined).map((name) => [
    name,
    textOf(candidate.quality[name]),
    textOf(champion?.quality[name]),
    name === 'loss' ? textOf(baseline.loss) : name === 'predictionMean' ? textOf(baseline.prediction) : '',
  ]),
});

const evaluationSection = ({ evaluation }: CardContent): CardSection => {
  const title = EVALUATION_TITLE;
  if (evaluation === undefined) return { title, facts: [], notes: ['none on record'] };
  const days = evaluation.candidate.days.map(({ day }) => day);
  return {
    title,
    facts: facts({
      'quality gate': verdict(evaluation.passed),
      'champion compared': evaluation.champion && textOf(evaluation.championVersion),
      days: days.length === 0 ? '' : `${days.length}, ${days[0]} to ${days.at(-1)}`,
    }),
    notes: evaluation.findings.map(({ rule, passed, message }) => `${rule} ${verdict(passed)}: ${message}`),
    table: qualityTable(evaluation),
  };
};

const scoresSection = ({ scores }: CardContent): CardSection => ({
  title: 'Scores',
  facts: [],
  table: {
    columns: ['dataset', 'metric', 'value', 'measured', 'by', 'dataset digest'],
    rows: scores.flatMap(({ dataset, metrics, atMs, by, digest = '' }) =>
      Object.entries(metrics).map(([name, value]) => [dataset, name, textOf(value), timeOf(atMs), by, digest]),
    ),
  },
});

const approvalSection = ({ policy, decision, approvals }: CardContent): CardSection => ({
  title: 'Approval',
  facts: facts({
    policy: policy.mode,
    'approvals needed': policy.mode === 'manual' ? policy.minApprovals : undefined,
    approvers: policy.approvers?.join(', '),
    'not by its submitter': policy.distinctFromSubmitter ? 'yes' : undefined,
    'gate required': policy.requires.gate,
    'decided by': decision?.by,
    decided: timeOf(decision?.atMs),
    reason: decision?.reason,
  }),
  notes: [
    ...approvals.map(({ principal, atMs, reason }) => {
      const why = reason === undefined ? '' : `: ${reason}`;
      return `approval of ${principal}, ${timeOf(atMs)}${why}`;
    }),
    ...(decision?.rules ?? []).map(({ rule, passed, detail }) => `${rule} ${verdict(passed)}: ${detail}`),
  ],
});

const runSection = ({ run, package: packaged }: CardContent): CardSection => ({
  title: 'Training run',
  facts:
    run === undefined
      ? facts({ run: packaged?.runId })
      : [
          ...facts({ run: run.runId, status: run.status, execution: run.executionArn }),
          ...facts(Object.fromEntries(Object.entries(run.cause).map(([name, value]) => [`cause ${name}`, value]))),
          ...facts({ started: timeOf(run.startedAtMs), ended: timeOf(run.endedAtMs), outcome: run.outcome }),
        ],
});

const servingSection = ({ serving, deployment, rollouts }: CardContent): CardSection => ({
  title: SERVING_TITLE,
  facts: facts({
    'serves now': serving ? 'yes' : 'no',
    since: timeOf(deployment?.promotedAtMs),
    'code digest': deployment?.codeSha256,
    rollouts: countOf(rollouts.items.length, rollouts.complete),
  }),
  table: {
    columns: ['rollout', 'kind', 'status', 'started', 'ended', 'reason'],
    rows: rollouts.items.map(({ rolloutId, kind, status, startedAtMs, endedAtMs, reason = '' }) => [
      rolloutId,
      kind,
      status,
      timeOf(startedAtMs),
      timeOf(endedAtMs),
      reason,
    ]),
  },
});

export const cardTitle = ({ content }: ModelCard): string => `Model card: ${content.model}, version ${content.version}`;

/** The title of the section that a chart of the holdout belongs to. */
export const EVALUATION_TITLE = 'Evaluation on the holdout';
/** Of the section whose table begins with rollouts. */
export const SERVING_TITLE = 'Serving';

export const cardSections = (card: ModelCard): readonly CardSection[] => {
  const { content } = card;
  return [
    overviewSection(content),
    { title: 'Limitations', facts: [], notes: content.limitations },
    evaluationSection(content),
    scoresSection(content),
    approvalSection(content),
    servingSection(content),
    dataSection(content),
    ...definitionSections(content),
    runSection(content),
    aboutSection(card),
  ];
};
