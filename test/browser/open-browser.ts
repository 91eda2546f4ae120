import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where distributions put it. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

/** The executable of an installed Chromium, `CHROMIUM` before all; undefined where there is none. */
export const findChromium = (): string | undefined =>
  [process.env.CHROMIUM ?? '', ...PLACES].find((path) => path !== '' && existsSync(path));

/** @throws where there is none. */
export const openBrowser = (executablePath: string | undefined): Promise<Browser> => {
  if (executablePath === undefined) {
    throw new Error(`no Chromium is installed (looked for ${PLACES.join(', ')}); CHROMIUM says where another one is`);
  }
  // Pages of ours alone are opened, none of which runs a script; a container's root may have no sandbox.
  return chromium.launch({ executablePath, args: ['--no-sandbox'] });
};
