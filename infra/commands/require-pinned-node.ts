import { readFileSync } from 'node:fs';

/**
 * The platform runs on the Node that Lambda runs; npm scripts put the pinned one first on the path. Started by hand
 * with the system's older Node, this says so instead of failing somewhere later.
 */
export const requirePinnedNode = (): void => {
  const packageFile = new URL('../../package.json', import.meta.url);
  const pinned: string = JSON.parse(readFileSync(packageFile, 'utf8')).devDependencies.node;
  const major = (version: string): number => Number(version.split('.')[0]);
  if (major(process.versions.node) >= major(pinned)) return;
  console.error(
    `Millrace runs on Node ${pinned} (as Lambda does), this is Node ${process.versions.node}: use "npm start" or "npx millrace", which take the pinned one.`,
  );
  process.exit(1);
};
