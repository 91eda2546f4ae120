import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.ts';

const CLOUD = 'test/e2e/**/*.test.ts';
/** What a file may do to its process that the next file in it would see. */
const CHANGES_ITS_PROCESS = /\bmockClient\(|\bvi\.(spyOn|mock|stub\w+|useFakeTimers)\(|\bprocess\.env\.\w+ = /;
const OWN_PROCESS = globSync('test/**/*.test.ts').filter((file) =>
  CHANGES_ITS_PROCESS.test(readFileSync(file, 'utf8')),
);

export default defineConfig({
  test: {
    globalSetup: 'test/temporary-files.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    env: { CDK_VALIDATION: 'false' },
    sequence: { sequencer: LongestFirst },
    projects: [
      // Most of what a small file costs is loading what it tests: these share it.
      {
        extends: true,
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [CLOUD, ...OWN_PROCESS],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'cloud', include: [CLOUD, ...OWN_PROCESS] } },
    ],
  },
});
