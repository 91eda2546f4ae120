import { describe, expect, it } from 'vitest';
import { renderCardMarkdown } from '../../../../../shared/core/governance/index.ts';
import { CARD_EVALUATION, cardOf, hostileCard } from '../../../../helpers/card-evidence.ts';

describe('a card’s content', () => {
  it('names what the evidence does not show', () => {
    const approvedByPolicy = 'its approval needs no person’s judgement';
    const holdoutOnly = 'it was measured on no dataset but its holdout';
    const noMaterials = 'no bill of materials is on record: it cannot be made again from its data';

    expect(cardOf().content.limitations).toEqual([noMaterials, approvedByPolicy, holdoutOnly]);
    expect(
      cardOf({ evaluation: { ...CARD_EVALUATION, passed: false, champion: undefined } }).content.limitations,
    ).toEqual([
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

describe('a card in Markdown', () => {
  it('shows whatever users wrote as text, in its own line or cell', () => {
    const markdown = renderCardMarkdown(hostileCard());

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
