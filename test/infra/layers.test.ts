import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildLayer } from '../../infra/aws/layers.ts';
import integrities from '../../infra/aws/native-packages.json' with { type: 'json' };

const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const sizeOf = (folder: string): number => filesOf(folder).reduce((sum, file) => sum + statSync(file).size, 0);
const output = () => mkdtempSync(join(tmpdir(), 'millrace-layers-'));

describe('layers', () => {
  it.each([
    ['arm64', 'arm64'],
    ['x86_64', 'x64'],
  ] as const)('hold onnxruntime for %s and for nothing else, in under 50 MB', (architecture, cpu) => {
    const folder = buildLayer('onnxruntime', { architecture, nativeLayers: 'packaged' }, output());
    const bin = join(folder, 'nodejs/node_modules/onnxruntime-node/bin/napi-v6');

    expect(readdirSync(bin)).toEqual(['linux']);
    expect(readdirSync(join(bin, 'linux'))).toEqual([cpu]);
    expect(sizeOf(folder)).toBeLessThan(cpu === 'arm64' ? 30_000_000 : 50_000_000);
    expect(filesOf(folder).filter((file) => /\.(map|d\.ts)$/.test(file))).toEqual([]);
  });

  it('hold onnxruntime for arm64 in under 12 MB of a ZIP archive', () => {
    const folder = buildLayer('onnxruntime', { architecture: 'arm64', nativeLayers: 'packaged' }, output());

    const packed = filesOf(folder).map((file) => deflateRawSync(readFileSync(file), { level: 1 }).length);
    expect(packed.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(12_000_000);
  });

  it('are a note in a stage that only the embedded cloud runs', () => {
    const folder = buildLayer('duckdb', { architecture: 'arm64', nativeLayers: 'marker' }, output());

    expect(readdirSync(folder)).toEqual(['README.md']);
    expect(existsSync(join(folder, 'nodejs'))).toBe(false);
  });

  it('pin the integrity of the installed version of DuckDB for both architectures', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@duckdb/node-bindings/package.json', 'utf8'));

    expect(Object.keys(integrities).toSorted()).toEqual([
      `@duckdb/node-bindings-linux-arm64@${version}`,
      `@duckdb/node-bindings-linux-x64@${version}`,
    ]);
  });
});
