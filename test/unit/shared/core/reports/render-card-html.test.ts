import { describe, expect, it } from 'vitest';
import { renderCardHtml } from '../../../../../shared/core/reports/index.ts';
import { cardOf, hostileCard } from '../../../../helpers/card-evidence.ts';

describe('a card in HTML', () => {
  it('shows whatever users wrote as text, and links to pages of ours alone', () => {
    const html = renderCardHtml(hostileCard());

    expect(html).not.toMatch(/<script|\son\w+=/);
    expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toEqual(['report', '../../rollouts/report']);
    expect(html.split('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;').length - 1).toBe(15);
    expect(html).toContain('&#39;c&#39; &amp; **d**');
  });

  it('draws each holdout metric of candidate, champion and baseline to its own scale', () => {
    const html = renderCardHtml(cardOf());

    const bars = [...html.matchAll(/<rect class="fill (\w+)" x="0" y="\d+" width="([\d.]+)"/g)];
    expect(bars.map(([, of, width]) => [of, Number(width)])).toEqual([
      ['candidate', 101],
      ['champion', 202],
      ['baseline', 404],
      ['candidate', 404],
      ['champion', 359.1],
    ]);
  });

  it('leads from each rollout of the version to its report', () => {
    const rollout = {
      model: 'toy',
      rolloutId: 'r/1',
      kind: 'model',
      version: 2,
      status: 'PROMOTED',
      startedAtMs: 3,
      previousLambdaVersion: '1',
      weights: [],
    } as const;

    const html = renderCardHtml(cardOf({ rollouts: { items: [rollout], complete: true } }));

    expect(html).toContain(
      '<a href="../../rollouts/r%2F1/report">r/1</a></th><td class="s">model</td><td class="s">PROMOTED</td>',
    );
  });

  it('has no chart without an evaluation, and nothing that a browser would load', () => {
    const html = renderCardHtml(cardOf({ evaluation: undefined }));

    expect(html).not.toContain('<svg');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).not.toMatch(/https?:|url\(|@import|src=/);
  });
});
