import { describe, expect, it } from 'vitest';
import { isLocalSource, parseModelUri, requireVersionSource } from '../../../../../shared/core/registry/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const accepts = (source: string, artifactUri?: string): boolean => {
  try {
    requireVersionSource(source, 'run_id', artifactUri);
    return true;
  } catch {
    return false;
  }
};

describe('the source of a version', () => {
  it.each([
    's3://bucket/model',
    'S3://bucket/model+v1',
    'mlflow-artifacts:/0/run/artifacts/model',
    'https://host/a%20b?c=..d',
    'models:/name/1',
    'runs:/abc/model',
    'dbfs:/x',
    's3://bucket/a..b/...',
  ])('may be %s', (source) => {
    expect(accepts(source)).toBe(true);
  });

  it.each([
    '',
    '/model',
    'model',
    '../model',
    'file:/model',
    'FILE:///model',
    'file://localhost/model',
    'C:\\model',
    'c:/model',
    's3://bucket/../model',
    's3://bucket/a/..',
    's3://bucket/%2E%2e/model',
    's3://bucket/%252e%252e/model',
    's3://bucket/a\\..\\b',
    's3://bucket/./a',
    's3://bucket/a%00',
    `s3://${'x'.repeat(4_096)}`,
  ])('may not be %s', (source) => {
    expect(accepts(source)).toBe(false);
  });

  it('may be a local path in the artifacts that it comes from', () => {
    const root = 'file:///data/run/artifacts';

    expect(
      ['/data/run/artifacts/m', 'file:/data/run/artifacts', '/data/run//artifacts/m/'].map((s) => accepts(s, root)),
    ).toEqual([true, true, true]);
    expect(['/data/run/artifactsX', '/data/run', '/data/run/artifacts/../x', 'm'].map((s) => accepts(s, root))).toEqual(
      [false, false, false, false],
    );
    expect(accepts('/data/run/artifacts/m', 's3://data/run/artifacts')).toBe(false);
  });

  it('is never accepted with a part that climbs, however it is written', () => {
    const dots = fc.constantFrom('..', '%2e.', '.%2E', '%2e%2e', '%252e%252e', '%25252e.');
    const slash = fc.constantFrom('/', '%2f', '%2F', '%252f', '\\');
    fc.assert(
      fc.property(fc.constantFrom('s3://b', 'https://h', 'mlflow-artifacts:'), slash, dots, slash, (base, a, d, b) => {
        expect(accepts(`${base}/a${a}${d}${b}c`)).toBe(false);
      }),
    );
  });
});

it('tells a local path from a URI', () => {
  expect(['/a', 'a/b', 'file:a', 'd:/x', 's3:/a', 'models:/m'].map(isLocalSource)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ]);
});

describe('a models:/ URI', () => {
  it('names a version, an alias or a logged model', () => {
    expect(parseModelUri('models:/a b/12')).toEqual({ kind: 'version', name: 'a b', version: 12 });
    expect(parseModelUri('models:/me@home@champion')).toEqual({ kind: 'alias', name: 'me@home', alias: 'champion' });
    expect(parseModelUri('models:/m-1')).toEqual({ kind: 'logged-model', modelId: 'm-1' });
    expect(parseModelUri('s3://models:/a/1')).toBeUndefined();
  });

  it.each([
    'models:/',
    'models:/a/b/1',
    'models:/a/Production',
    'models:/a/0',
    'models:/@x',
    'models:/a@',
    'models:/a/',
  ])('is refused as %s', (uri) => {
    expect(() => parseModelUri(uri)).toThrow(`Not a proper models:/ URI: ${uri}`);
  });
});
