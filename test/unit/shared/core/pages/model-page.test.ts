import { describe, expect, it } from 'vitest';
import { modelPage, renderFleetPage, renderModelPage } from '../../../../../shared/core/pages/index.ts';
import { modelSummary } from '../../../../../shared/core/pages/model-summary.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { bareModelFacts, drawnModelFacts } from '../../../../browser/drawn-model.ts';
import { fc } from '../../../../helpers/properties.ts';

const FACTS = drawnModelFacts();

const PARTS = [
  'distributions',
  'heatMap',
  'quality',
  'canary',
  'slices',
  'tests',
  'retraining',
  'lineage',
  'notifications',
  'score',
] as const;

describe('the page of a model', () => {
  it('has every part where everything is on record', () => {
    const page = modelPage(FACTS);

    for (const part of PARTS) expect(page[part].missing, part).toBeUndefined();
  });

  it('says of each part that is missing what is missing and why, and leaves no blank', () => {
    const page = modelPage(bareModelFacts());
    const html = renderModelPage(page, 'api');

    for (const part of PARTS.filter((name) => name !== 'retraining' && name !== 'notifications')) {
      const { missing = '' } = page[part];
      expect(missing, part).toMatch(/^(No|Nothing) .*\.$/);
      expect(html).toContain(missing);
    }
    expect(html).toContain('Nothing was trained yet.');
    expect(html).toContain('Nobody was told anything.');
    expect(html).not.toMatch(/<\/h2>\s*<\/section>/);
  });

  it('says that nothing came where nothing came, whatever the version in service is', () => {
    const driftReports = FACTS.driftReports.map(({ profiles: _, ...report }) => ({ ...report, rowCount: 0 }));
    const { distributions, heatMap } = modelPage({ ...FACTS, driftReports });

    expect(distributions.missing).toMatch(/^No prediction came from 2026-11-15 to 2026-11-21: /);
    expect(heatMap.missing).toBe(distributions.missing);
  });

  it('draws the days that had predictions also after they stopped', () => {
    const { profiles: _, ...empty } = FACTS.driftReports.at(-1) as (typeof FACTS.driftReports)[number];
    const stopped = { ...empty, rowCount: 0, toMs: empty.toMs + DAY_MS };
    const { heatMap, distributions } = modelPage({ ...FACTS, driftReports: [...FACTS.driftReports, stopped] });

    expect(heatMap.known?.measure).toBe('PSI of the day against the reference');
    expect(distributions.missing).toMatch(/^No prediction came/);
  });

  it('tells drift by version where several answered, below the heat map', () => {
    const newest = FACTS.driftReports.at(-1) as (typeof FACTS.driftReports)[number];
    const profiles = newest.profiles && {
      ...newest.profiles,
      versions: [
        { version: 1, rowCount: 5_000, psi: { wind: 0.2, '@prediction': 0.1 } },
        { version: 2, rowCount: 40 },
      ],
    };
    const told = (facts: typeof FACTS): string => renderModelPage(modelPage(facts), 'api');

    const html = told({
      ...FACTS,
      driftReports: [...FACTS.driftReports.slice(0, -1), { ...newest, profiles }],
    } as typeof FACTS);

    expect(html).toMatch(/>5,000<\/td>.*>wind 0\.2<\/td>.*>too few to compare<\/td>.*id="distributions"/s);
    expect(told(FACTS)).not.toContain('PSI by version');
  });

  it('survives JSON: what is stored renders as what was made', () => {
    const page = modelPage(FACTS);

    expect(renderModelPage(JSON.parse(JSON.stringify(page)), 'files')).toBe(renderModelPage(page, 'files'));
  });

  it('draws single days where reports have profiles by day, and windows where they have none', () => {
    const facts = FACTS;
    const old = facts.driftReports.map(({ profiles: _, decision, volume, freshness, ...report }) => report);

    const [now, before] = [modelPage(facts).heatMap.known, modelPage({ ...facts, driftReports: old }).heatMap.known];

    expect(now?.measure).toBe('PSI of the day against the reference');
    expect(now?.days).toHaveLength(21);
    expect(before?.measure).toBe('PSI of the 7 days that end with the day');
    expect(before?.days).toHaveLength(15);
    expect(modelPage({ ...facts, driftReports: old }).distributions.missing).toContain('before profiles by day');
  });

  it('takes no text for HTML, whatever people, data and models are called', () => {
    const facts = FACTS;
    fc.assert(
      fc.property(fc.constantFrom('<script>alert(1)</script>', '"><img src=x onerror=y>', "'<b>&amp;"), (text) => {
        const hostile = {
          ...facts,
          owner: text,
          description: text,
          runs: facts.runs.map((run) => ({ ...run, outcome: text, cause: { kind: text, reason: text } })),
          notifications: facts.notifications.map((one) => ({ ...one, title: text })),
          driftReports: facts.driftReports.map((report) => ({
            ...report,
            profiles: report.profiles && {
              ...report.profiles,
              days: report.profiles.days.map((day) => ({ ...day, psi: { ...day.psi, [text]: 0.5 } })),
              columns: report.profiles.columns.map((column, at) => (at === 0 ? { ...column, name: text } : column)),
            },
          })) as typeof facts.driftReports,
        };
        const pages = [
          renderModelPage(modelPage(hostile), 'api'),
          renderFleetPage({ stage: text, atMs: 0, models: [modelSummary(hostile)], unchecked: [text] }, 'api'),
        ];
        for (const html of pages) expect(html).not.toContain(text);
      }),
    );
  });
});
