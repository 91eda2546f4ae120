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
  const functionOf = (name: string, hash: string) => ({
    Type: 'AWS::Lambda::Function',
    Properties: { FunctionName: name, Code: { S3Key: `${hash}.zip` } },
  });
  const Resources = {
    First: functionOf('millrace-local-first', 'aaaa'),
    Second: functionOf('millrace-local-second', 'bbbb'),
    Again: functionOf('millrace-local-second-again', 'bbbb'),
  };
  writeFileSync(join(assembly, 'a.template.json'), JSON.stringify({ Resources }));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('revising an assembly', () => {
  it('changes the one code, its name and what names it, in a copy', () => {
    const revised = join(folder, 'revised');

    reviseAssembly(assembly, revised, { functions: /-second/, revise: (text) => text.replace('second', 'third') });

    const template = JSON.parse(readFileSync(join(revised, 'a.template.json'), 'utf8'));
    const keyOf = (id: string): string => template.Resources[id].Properties.Code.S3Key;
    const hash = keyOf('Second').replace('.zip', '');
    expect(keyOf('First')).toBe('aaaa.zip');
    expect(keyOf('Again')).toBe(keyOf('Second'));
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(revised, `asset.${hash}`, 'index.js'), 'utf8')).toContain('third');
    expect(readdirSync(assembly).toSorted()).toEqual(['a.template.json', 'asset.aaaa', 'asset.bbbb']);
  });

  it('refuses functions of several codes, of none, and a code that is not changed', () => {
    const to = (name: string): string => join(folder, name);

    expect(() => reviseAssembly(assembly, to('1'), { functions: /local/, revise: String })).toThrow(/have 2/);
    expect(() => reviseAssembly(assembly, to('2'), { functions: /fourth/, revise: String })).toThrow(/have 0/);
    expect(() => reviseAssembly(assembly, to('3'), { functions: /first/, revise: String })).toThrow(/changed nothing/);
  });
});
