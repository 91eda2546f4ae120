import { describe, expect, it } from 'vitest';
import {
  approvalPolicyOf,
  type CardEvidence,
  describeVersion,
  type ModelCard,
  renderCardHtml,
  renderCardMarkdown,
} from '../../../../../shared/core/governance/index.ts';
import type { PackagedVersion } from '../../../../../shared/core/registry/index.ts';

const VERSION: PackagedVersion = {
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

const EVALUATION = {
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

const evidenceOf = (change: Partial<CardEvidence> = {}): CardEvidence => ({
  version: VERSION,
  owner: 'ann',
  policy: approvalPolicyOf('automatic'),
  evaluation: EVALUATION,
  scores: [],
  rollouts: { items: [], complete: true },
  comments: { count: 0, complete: true },
  ...change,
});

const cardOf = (change: Partial<CardEvidence> = {}): ModelCard => ({
  cardVersion: 3,
  digest: 'c'.repeat(64),
  generatedAtMs: 0,
  content: describeVersion(evidenceOf(change)),
});

const HOSTILE = `<script>alert("x")</script> [a](javascript:b) | 'c' & **d**\n# e`;

/** Everything that a user may write. */
const hostile = (): ModelCard =>
  cardOf({
    owner: HOSTILE,
    version: {
      ...VERSION,
      description: HOSTILE,
      tags: { [HOSTILE]: HOSTILE },
      decidedBy: HOSTILE,
      decisionReason: HOSTILE,
      decisionEvidence: [{ rule: HOSTILE, passed: true, detail: HOSTILE }],
      approvals: [{ principal: HOSTILE, atMs: 1, reason: HOSTILE }],
    },
    evaluation: { ...EVALUATION, findings: [{ rule: HOSTILE, passed: false, message: HOSTILE }] },
    scores: [{ version: 2, dataset: HOSTILE, metrics: { [HOSTILE]: 1 }, atMs: 1, by: HOSTILE }],
  });

describe('a card’s content', () => {
  it('names what the evidence does not show', () => {
    const approvedByPolicy = 'its approval needs no person’s judgement';
    const holdoutOnly = 'it was measured on no dataset but its holdout';
    const noMaterials = 'no bill of materials is on record: it cannot be made again from its data';

    expect(cardOf().content.limitations).toEqual([noMaterials, approvedByPolicy, holdoutOnly]);
    expect(cardOf({ evaluation: { ...EVALUATION, passed: false, champion: undefined } }).content.limitations).toEqual([
      'it did not pass its quality gate',
      'it was compared with the base rate alone, with no earlier version',
      noMaterials,
      approvedByPolicy,
      holdoutOnly,
    ]);
    expect(cardOf({ evaluation: undefined }).content.limitations[0]).toMatch(/^no evaluation is on record/);
  });

  it('says that a version serves only when it is the one that does', () => {
    const deployment = { model: 'toy', lambdaVersion: '4', codeSha256: 'c', rolloutId: 'r', promotedAtMs: 7 };

    expect(cardOf({ deployment: { ...deployment, version: 2 } }).content).toMatchObject({ serving: true });
    const other = cardOf({ deployment: { ...deployment, version: 1 } }).content;
    expect([other.serving, other.deployment]).toEqual([false, undefined]);
  });

  it('does not change while a rollout shifts its traffic', () => {
    const rollout = {
      model: 'toy',
      rolloutId: 'r',
      kind: 'model',
      version: 2,
      status: 'RUNNING',
      startedAtMs: 3,
      previousLambdaVersion: '1',
    } as const;
    const at = (weights: readonly number[]) =>
      cardOf({ rollouts: { items: [{ ...rollout, weights }], complete: true } }).content;

    expect(at([0.1, 0.5])).toEqual(at([0.1]));
  });
});

describe('a card in HTML', () => {
  it('shows whatever users wrote as text', () => {
    const html = renderCardHtml(hostile());

    expect(html).not.toMatch(/<script|<a |href|\son\w+=/);
    expect(html.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;').length - 1).toBe(15);
    expect(html).toContain('&#39;c&#39; &amp; **d**');
  });

  it('draws each holdout metric of candidate, champion and baseline to its own scale', () => {
    const html = renderCardHtml(cardOf());

    const bars = [...html.matchAll(/<rect class="(\w+)" x="150" y="\d+" width="([\d.]+)"/g)];
    expect(bars.map(([, of, width]) => [of, Number(width)])).toEqual([
      ['candidate', 80],
      ['champion', 160],
      ['baseline', 320],
      ['candidate', 320],
      ['champion', 284.4],
    ]);
  });

  it('has no chart without an evaluation, and nothing that a browser would load', () => {
    const html = renderCardHtml(cardOf({ evaluation: undefined }));

    expect(html).not.toContain('<svg');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).not.toMatch(/https?:|url\(|@import|src=/);
  });
});

describe('a card in Markdown', () => {
  it('shows whatever users wrote as text, in its own line or cell', () => {
    const markdown = renderCardMarkdown(hostile());

    expect(markdown).not.toMatch(/(?<!\\)<|(?<!\\)\]\(|^# e/m);
    for (const line of markdown.split('\n').filter((one) => one.startsWith('| ') && one.includes('script'))) {
      expect(line.match(/(?<!\\)\|/g)).toHaveLength(7);
    }
    expect(markdown).toContain('- **owner:** \\<script\\>alert\\("x"\\)');
  });

  it('tells title, gate, chart’s numbers and number of the card', () => {
    const markdown = renderCardMarkdown(cardOf());

    expect(markdown).toMatch(/^# Model card: toy, version 2\n/);
    expect(markdown).toContain('- **quality gate:** passed');
    expect(markdown).toContain('| loss | 0.25 | 0.5 | 1 |');
    expect(markdown).toContain('- **card:** 3');
  });
});
