import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PAGES_CONTENT_POLICY } from '../../shared/core/pages/index.ts';
import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import { faintTexts, inspectPage, misplacedTexts } from './inspect-page.ts';
import { modelPages } from './model-pages.ts';
import { findChromium, openBrowser } from './open-browser.ts';
import type { PageElement, PageGlobals } from './page-types.ts';
import { reportPages } from './report-pages.ts';

const URL_OF_PAGE = 'http://millrace.test/models/toy/rollouts/r/report';
const WIDE = { width: 1_000, height: 800 };
const PHONE = { width: 390, height: 844 };
const VIEWS = [
  ['light', WIDE],
  ['dark', WIDE],
  ['light', PHONE],
  ['dark', PHONE],
] as const;
const MOST_STOPS = 200;

const pages = { ...reportPages(), ...modelPages() };
const executable = findChromium();
const isSkipped = executable === undefined && process.env.CI === undefined;
const why = isSkipped ? ' (skipped: no Chromium; `apt-get install chromium`, or CHROMIUM says where one is)' : '';

/** Texts of everything that the tab key stops at, in order. */
const stopsOf = async (page: Page): Promise<readonly string[]> => {
  const stops: string[] = [];
  while (stops.length < MOST_STOPS) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const globals = globalThis as unknown as PageGlobals & { stoppedAt?: Set<PageElement> };
      const { activeElement: at, body } = globals.document;
      globals.stoppedAt ??= new Set();
      // After the last it is the window's turn, or the first's again.
      if (at === null || at === body || globals.stoppedAt.has(at)) return undefined;
      globals.stoppedAt.add(at);
      return at.getAttribute('href') ?? at.className;
    });
    if (stop === undefined) break;
    stops.push(stop);
  }
  return stops;
};

describe.skipIf(isSkipped)(`in a browser${why}`, () => {
  let browser: Browser;
  let page: Page;
  let html = '';
  let complaints: string[] = [];

  beforeAll(async () => {
    browser = await openBrowser(executable);
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    // As the platform API answers; whatever else a page asks for it does not get.
    await page.route('**/*', (route) => {
      if (route.request().url() !== URL_OF_PAGE) {
        complaints.push(`it asked for ${route.request().url()}`);
        return route.abort();
      }
      const policy = html.includes(PAGES_CONTENT_POLICY) ? PAGES_CONTENT_POLICY : REPORT_CONTENT_POLICY;
      const headers = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff' };
      return route.fulfill({ body: html, contentType: 'text/html; charset=utf-8', headers });
    });
  });
  afterAll(() => browser?.close());

  const open = async (content: string): Promise<void> => {
    html = content;
    complaints = [];
    await page.goto(URL_OF_PAGE);
  };

  it.for(Object.entries(pages))('the %s can be read in light, in dark, on a phone and by keys', async ([, content]) => {
    await open(content);
    const links = await page.$$eval('a[href]', (found: readonly PageElement[]) =>
      found.map((link) => link.getAttribute('href')),
    );
    const tables = await page.$$eval('.wide', (found: readonly PageElement[]) => found.length);

    await page.$$eval('details', (found: readonly PageElement[]) => {
      for (const details of found) details.open = true;
    });
    const stops = await stopsOf(page);
    const seen = [];
    for (const [colorScheme, viewport] of VIEWS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      const faults = [
        await page.evaluate(inspectPage),
        await page.evaluate(faintTexts),
        await page.evaluate(misplacedTexts),
      ];
      seen.push({ colorScheme, width: viewport.width, faults: faults.flat() });
    }

    expect(complaints).toEqual([]);
    expect(seen.filter(({ faults }) => faults.length > 0)).toEqual([]);
    expect(stops.filter((stop) => links.includes(stop))).toEqual(links);
    expect(stops.filter((stop) => stop === 'wide')).toHaveLength(tables);
  });

  it('a page runs no script and loads nothing, whatever stands in it', async () => {
    const planted = '<script>document.title = "owned"</script><img src="https://elsewhere.test/x.png"></main>';

    await open((pages['rollouts over time'] ?? '').replace('</main>', planted));

    expect(await page.title()).toBe('Rollouts of toy');
    // By its header and by itself: each complains of both.
    expect(complaints.filter((complaint) => /Content Security Policy/.test(complaint))).toHaveLength(4);
    expect(complaints.filter((complaint) => complaint.startsWith('it asked for'))).toEqual([]);
  });

  it('the heat map is one stop of the tab key, and arrows tell the values', async () => {
    await open(pages['page of a model'] ?? '');
    const told = page.locator('#heat-map [role=status]');
    const press = async (...keys: readonly string[]): Promise<string | null> => {
      for (const key of keys) await page.keyboard.press(key);
      return told.textContent();
    };

    await page.locator('#heat-map td[tabindex="0"]').focus();
    const first = await press();
    const right = await press('ArrowRight');
    const below = await press('ArrowDown');
    const last = await press('End', 'ArrowRight');
    await page.locator('#heat-map tbody tr:nth-child(3) td').first().hover();
    const hovered = await told.textContent();

    expect(first).toMatch(/^wind, 2026-11-01: 0\.\d+$/);
    expect(right).toMatch(/^wind, 2026-11-02: 0\.\d+$/);
    expect(below).toMatch(/^@prediction, 2026-11-02: 0\.\d+$/);
    expect(last).toMatch(/^@prediction, 2026-11-21: [\d.]+$/);
    expect(hovered).toMatch(/^\S+, 2026-11-01: 0\.\d+$/);
    expect(await page.locator('#heat-map td[tabindex="0"]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it('a distribution opens by Enter, and by a click', async () => {
    await open(pages['page of a model, as a file'] ?? '');
    const [, second, third] = await page.locator('#distributions details').all();

    await second?.locator('summary').focus();
    await page.keyboard.press('Enter');
    await third?.locator('summary').click();

    expect(await second?.locator('svg').isVisible()).toBe(true);
    expect(await third?.locator('svg').isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('what is typed leaves the models that hold every word', async () => {
    await open(pages['page of all models'] ?? '');
    const rows = page.locator('#fleet tbody tr:visible th');

    const all = await rows.allInnerTexts();
    await page.locator('#filter').fill('drifts TOY');
    const left = await rows.allInnerTexts();
    const told = await page.locator('.filter [role=status]').textContent();

    expect(all.map((text) => text.split(/\s/)[0])).toEqual(['toy', 'churn', 'births', 'fresh']);
    expect(left.map((text) => text.split(/\s/)[0])).toEqual(['toy']);
    expect(told).toBe('1 of 4');
    expect(complaints).toEqual([]);
  });
});
