import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { modelPages } from './model-pages.ts';
import { findChromium, openBrowser } from './open-browser.ts';

const USAGE = `node test/browser/take-screenshots.ts [--url URL] [--model MODEL] [--out FOLDER]

Takes the screenshots of the documentation: of the pages at URL, as npm start prints it, or of pages that are drawn by a
seed where none is given.

  --url URL      such as http://127.0.0.1:4567/
  --model MODEL  whose page (default flight-delay, or the drawn one)
  --out FOLDER   where to (default docs/screenshots)`;

const WIDE = { width: 1_000, height: 900 };
const BROAD = { width: 1_400, height: 420 };
const PHONE = { width: 390, height: 844 };
const MOST_BYTES = 150_000;
/** What is longer is cut off below. */
const TALLEST = 800;

type Open = (page: Page, which: 'fleet' | 'model') => Promise<void>;

const openDrawn: Open = async (page, which) => {
  await page.setContent(modelPages()[which === 'fleet' ? 'page of all models' : 'page of a model'] ?? '');
};

const openServed =
  (url: string, model: string): Open =>
  async (page, which) => {
    await page.goto(new URL(which === 'fleet' ? '/pages' : `/pages/${model}`, url).href);
  };

const takeAll = async (browser: Browser, open: Open, folder: string): Promise<readonly string[]> => {
  const page = await browser.newPage({ colorScheme: 'light', viewport: WIDE });
  const files: string[] = [];
  const path = (name: string): string => {
    files.push(join(folder, `${name}.png`));
    return join(folder, `${name}.png`);
  };
  const takePart = async (name: string, part: string): Promise<void> => {
    const box = await page.locator(`#${part}`).boundingBox();
    if (box === null) throw new Error(`the page has no part ${part}`);
    const clip = { ...box, height: Math.min(box.height, TALLEST) };
    await page.screenshot({ path: path(name), clip, fullPage: true });
  };

  await page.setViewportSize(BROAD);
  await open(page, 'fleet');
  await page.screenshot({ path: path('models') });
  await page.setViewportSize(WIDE);
  await open(page, 'model');
  await page.screenshot({ path: path('model') });
  for (const part of ['heat-map', 'distributions', 'quality', 'canary', 'tests', 'lineage']) {
    await takePart(`model-${part}`, part);
  }
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(PHONE);
  await page.screenshot({ path: path('model-phone') });
  return files;
};

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    model: { type: 'string', default: 'flight-delay' },
    out: { type: 'string', default: 'docs/screenshots' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const folder = resolve(values.out);
  mkdirSync(folder, { recursive: true });
  const browser = await openBrowser(findChromium());
  try {
    const open = values.url === undefined ? openDrawn : openServed(values.url, values.model);
    for (const file of await takeAll(browser, open, folder)) {
      const { size } = statSync(file);
      console.log(`${file} ${Math.ceil(size / 1_000)} kB${size > MOST_BYTES ? ': TOO LARGE' : ''}`);
      if (size > MOST_BYTES) process.exitCode = 1;
    }
  } finally {
    await browser.close();
  }
}
