import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TOP_LEVEL_FOLDERS, violationsOf } from './helpers/architecture-rules.ts';

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '');
const sources = tracked.filter((path) => path.endsWith('.ts'));

describe('the architecture', () => {
  it('holds in every source file', () => {
    const breaches = sources.flatMap((path) => violationsOf({ path, text: readFileSync(path, 'utf8') }));

    expect(breaches).toEqual([]);
    expect(sources.length).toBeGreaterThan(50);
  });

  it('has only the agreed folders at the top', () => {
    const folders = new Set(tracked.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));

    expect([...folders].filter((folder) => !(TOP_LEVEL_FOLDERS as readonly unknown[]).includes(folder))).toEqual([]);
  });

  it('keeps every source file within 400 lines', () => {
    const long = sources.filter((path) => readFileSync(path, 'utf8').split('\n').length > 401);

    expect(long).toEqual([]);
  });

  it('keeps wiring and handlers small', () => {
    const limits = { 'index.ts': 25, 'handler.ts': 60 } as const;

    const long = sources.filter((path) => {
      const limit = /^functions\/[^/]+\/(index\.ts|handler\.ts)$/.exec(path)?.[1] as keyof typeof limits | undefined;
      return limit !== undefined && readFileSync(path, 'utf8').trimEnd().split('\n').length > limits[limit];
    });

    expect(long).toEqual([]);
  });

  it('lets a unit test stand in the folder that mirrors its source', () => {
    const sourceFolders = new Set(
      tracked.flatMap((path) => path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))),
    );

    const misplaced = sources
      .filter((path) => path.startsWith('test/unit/'))
      .filter((path) => !sourceFolders.has(path.replace('test/unit/', '').replace(/\/[^/]+$/, '')));

    expect(misplaced).toEqual([]);
  });
});

describe('a planted violation is refused', () => {
  const planted: readonly (readonly [rule: string, path: string, text: string])[] = [
    ['kernel imports nothing', 'shared/kernel/x.ts', `import { a } from '../contracts/events.ts';`],
    ['core knows no SDK', 'shared/core/registry/x.ts', `import { S3Client } from '@aws-sdk/client-s3';`],
    ['core knows no Node', 'shared/core/registry/x.ts', `import { readFileSync } from 'node:fs';`],
    [
      'core enters another capability by its index',
      'shared/core/lineage/x.ts',
      `import type { A } from '../registry/model-version.ts';`,
    ],
    ['core has no clock', 'shared/core/registry/x.ts', 'export const now = () => Date.now();'],
    ['core has no chance', 'shared/core/registry/x.ts', 'export const draw = () => Math.random();'],
    ['core reads no environment', 'shared/core/registry/x.ts', 'export const stage = () => process.env.STAGE;'],
    ['contracts know only valibot', 'shared/contracts/x.ts', `import { z } from 'zod';`],
    ['ports take types from core, not values', 'shared/ports/x.ts', `import { a } from '../core/registry/index.ts';`],
    ['ports know no adapter', 'shared/ports/x.ts', `import type { A } from '../adapters/s3/artifact-store.ts';`],
    ['an adapter has one SDK', 'shared/adapters/s3/x.ts', `import { SFNClient } from '@aws-sdk/client-sfn';`],
    ['an adapter knows no other adapter', 'shared/adapters/s3/x.ts', `export { a } from '../dynamodb/keys.ts';`],
    ['http knows no core', 'shared/http/x.ts', `import type { A } from '../core/registry/index.ts';`],
    ['a function knows no other function', 'functions/infer/x.ts', `import { a } from '../judge-canary/handler.ts';`],
    ['a function knows no infrastructure', 'functions/infer/x.ts', `import { a } from '../../infra/aws/config.ts';`],
    ['only adapters/onnx loads onnxruntime', 'functions/infer/x.ts', `const ort = await import('onnxruntime-node');`],
    [
      'a model knows no adapter',
      'models/births/model.ts',
      `import { a } from '../../shared/adapters/s3/artifact-store.ts';`,
    ],
    ['the CDK app runs no handler', 'infra/aws/app.ts', `import { a } from '../../functions/infer/handler.ts';`],
    ['the CDK app knows no embedded cloud', 'infra/aws/app.ts', `import { a } from '../local/cloud.ts';`],
    [
      'product code knows no embedded cloud',
      'shared/adapters/s3/x.ts',
      `import type { A } from '../../../infra/local/contracts.ts';`,
    ],
    [
      'the embedded cloud runs handlers by the manifest',
      'infra/local/x.ts',
      `import { a } from '../../functions/infer/handler.ts';`,
    ],
    ['nobody imports tests', 'infra/local/x.ts', `import { a } from '../../test/helpers/architecture-rules.ts';`],
    ['a new place is refused', 'utils/x.ts', 'export const a = 1;'],
  ];

  it.each(planted)('%s', (_rule, path, text) => {
    expect(violationsOf({ path, text })).toHaveLength(1);
  });

  it('while what is allowed passes', () => {
    const text = `import type { A } from '../core/registry/index.ts';\nimport type { B } from './clock.ts';`;

    expect(violationsOf({ path: 'shared/ports/x.ts', text })).toEqual([]);
  });
});
