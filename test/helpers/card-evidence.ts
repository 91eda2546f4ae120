import {
  approvalPolicyOf,
  type CardEvidence,
  describeVersion,
  type ModelCard,
} from '../../shared/core/governance/index.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';

/** A version as its card tells it. */

export const CARD_VERSION: PackagedVersion = {
  model: 'toy',
  version: 2,
  status: 'APPROVED',
  registeredAtMs: 1_000,
  updatedAtMs: 1_000,
  source: 'mlflow-artifacts:/models/toy/d',
  stage: 'None',
  description: '',
  tags: {},
  runId: 'run-2',
  modelDigest: 'd',
  artifactPrefix: 'models/toy/d/',
  manifestDigest: 'm',
  metrics: { holdoutLoss: 0.25 },
  trainedThroughMs: 500,
  datasetSnapshot: 'snapshot',
};

export const CARD_EVALUATION = {
  task: 'binary-classification',
  passed: true,
  findings: [{ rule: 'baseline', passed: true, message: 'better than the base rate' }],
  candidate: {
    quality: { rowCount: 10, loss: 0.25, labelMean: 0.5, predictionMean: 0.5, auc: 0.9 },
    days: [{ day: '2026-11-20' }, { day: '2026-11-21' }],
  },
  champion: { quality: { rowCount: 10, loss: 0.5, labelMean: 0.5, predictionMean: 0.5, auc: 0.8 } },
  championVersion: 1,
  baseline: { prediction: 0.5, loss: 1 },
};

export const cardEvidenceOf = (change: Partial<CardEvidence> = {}): CardEvidence => ({
  version: CARD_VERSION,
  owner: 'ann',
  policy: approvalPolicyOf('automatic'),
  evaluation: CARD_EVALUATION,
  scores: [],
  rollouts: { items: [], complete: true },
  comments: { count: 0, complete: true },
  ...change,
});

export const cardOf = (change: Partial<CardEvidence> = {}): ModelCard => ({
  cardVersion: 3,
  digest: 'c'.repeat(64),
  generatedAtMs: 0,
  content: describeVersion(cardEvidenceOf(change)),
});

const HOSTILE = `<script>alert("x")</script> [a](javascript:b) | 'c' & **d**\n# e`;

/** Everything that a user may write. */
export const hostileCard = (): ModelCard =>
  cardOf({
    owner: HOSTILE,
    version: {
      ...CARD_VERSION,
      description: HOSTILE,
      tags: { [HOSTILE]: HOSTILE },
      decidedBy: HOSTILE,
      decisionReason: HOSTILE,
      decisionEvidence: [{ rule: HOSTILE, passed: true, detail: HOSTILE }],
      approvals: [{ principal: HOSTILE, atMs: 1, reason: HOSTILE }],
    },
    evaluation: { ...CARD_EVALUATION, findings: [{ rule: HOSTILE, passed: false, message: HOSTILE }] },
    scores: [{ version: 2, dataset: HOSTILE, metrics: { [HOSTILE]: 1 }, atMs: 1, by: HOSTILE }],
  });
