import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { copyBundles } from '../../../../infra/aws/copied-bundles.ts';

let folder: string;
let built: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundles-'));
  built = join(folder, 'built');
  for (const [file, text] of Object.entries({
    'train-model/index.js': 'exports.handler = 1;',
    'train-model/definitions.json': '[]',
    'infer-composition/index.js': 'exports.handler = 2;',
    'infer-composition/compositions.json': '[]',
    'end-run/index.js': 'exports.handler = 3;',
  })) {
    mkdirSync(join(built, file, '..'), { recursive: true });
    writeFileSync(join(built, file), text);
  }
});

const TEXTS = { definitionsJson: '[{"name":"toy"}]', compositionsJson: '[{"name":"both"}]' };
const read = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8');

describe('bundles that were built before', () => {
  it('have the models’ definitions beside those that read them, and stay as they were where they came from', () => {
    const { folderOf } = copyBundles(built, join(folder, 'mine'), TEXTS);

    expect(read(folderOf('train-model'), 'index.js')).toBe('exports.handler = 1;');
    expect(read(folderOf('train-model'), 'definitions.json')).toBe(TEXTS.definitionsJson);
    expect(read(folderOf('infer-composition'), 'compositions.json')).toBe(TEXTS.compositionsJson);
    expect(() => read(folderOf('end-run'), 'definitions.json')).toThrow(/ENOENT/);
    expect(read(built, 'train-model', 'definitions.json')).toBe('[]');
  });

  it('name a function that was not built, and a folder that is not there', () => {
    const { folderOf } = copyBundles(built, join(folder, 'mine'), TEXTS);

    expect(() => folderOf('no-such')).toThrow('functions/no-such does not exist, but a stack deploys it');
    expect(() => copyBundles(join(folder, 'gone'), join(folder, 'other'), TEXTS)).toThrow(
      'bundles must be a folder that was built before, got ',
    );
  });
});
