import { expect, it } from 'vitest';
import { buildDifferences } from '../../../../../shared/core/reproduction/index.ts';

const then = {
  build: { functions: { 'train-model': 'a', infer: 'x' }, lockfile: 'l', packages: { duckdb: '1' } },
  runtime: { node: 'v24.1.0', architecture: 'arm64' },
};

it('finds nothing where only a function or a lockfile changed that no model depends on', () => {
  const now = { ...then, build: { ...then.build, functions: { 'train-model': 'a', infer: 'y' }, lockfile: 'm' } };

  expect(buildDifferences(then, now, ['train-model'])).toEqual([]);
});

it('names code, packages and runtime that changed, and then the lockfile', () => {
  const now = {
    build: { functions: { 'train-model': 'b' }, lockfile: 'm', packages: { duckdb: '2' } },
    runtime: { node: 'v24.2.0', architecture: 'arm64' },
  };

  expect(buildDifferences(then, now, ['train-model'])).toEqual([
    'code of train-model: was a, is b',
    'package duckdb: was 1, is 2',
    'runtime node: was v24.1.0, is v24.2.0',
    'file lockfile: was l, is m',
  ]);
});
