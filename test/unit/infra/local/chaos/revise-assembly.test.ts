import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reviseAssembly } from '../../../../../infra/local/chaos/revise-assembly.ts';

let folder: string;
let assembly: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-revise-'));
  assembly = join(folder, 'cdk.out');
  for (const [name, text] of [
    ['asset.aaaa', 'exports.handler=()=>"first"'],
    ['asset.bbbb', 'exports.handler=()=>"second"'],
  ] as const) {
    mkdirSync(join(assembly, name), { recursive: true });
    writeFileSync(join(assembly, name, 'index.js'), text);
  }
  writeFileSync(join(assembly, 'a.template.json'), '{"first":"aaaa.zip","second":"bbbb.zip"}');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('revising an assembly', () => {
  it('changes the one bundle, its name and what names it, in a copy', () => {
    const revised = join(folder, 'revised');

    reviseAssembly(assembly, revised, { bundleHolds: 'second', revise: (text) => text.replace('second', 'third') });

    const template = JSON.parse(readFileSync(join(revised, 'a.template.json'), 'utf8'));
    const hash = template.second.replace('.zip', '');
    expect(template.first).toBe('aaaa.zip');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(revised, `asset.${hash}`, 'index.js'), 'utf8')).toContain('third');
    expect(readdirSync(assembly).toSorted()).toEqual(['a.template.json', 'asset.aaaa', 'asset.bbbb']);
  });

  it('refuses a text that stands in several bundles, in none, or is not changed', () => {
    const to = (name: string): string => join(folder, name);

    expect(() => reviseAssembly(assembly, to('1'), { bundleHolds: 'handler', revise: String })).toThrow(/stands in 2/);
    expect(() => reviseAssembly(assembly, to('2'), { bundleHolds: 'fourth', revise: String })).toThrow(/stands in 0/);
    expect(() => reviseAssembly(assembly, to('3'), { bundleHolds: 'first', revise: String })).toThrow(
      /changed nothing/,
    );
  });
});
