import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPORT_CONTENT_POLICY } from '../../shared/core/reports/index.ts';
import { faintTexts, inspectPage, misplacedTexts } from './inspect-page.ts';
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
const MOST_STOPS = 100;

const pages = reportPages();
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
      const headers = { 'content-security-policy': REPORT_CONTENT_POLICY, 'x-content-type-options': 'nosniff' };
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

    const stops = await stopsOf(page);
    await page.$$eval('details', (found: readonly PageElement[]) => {
      for (const details of found) details.open = true;
    });
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
});
