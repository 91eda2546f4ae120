import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadCompiled } from '../../../../../infra/local/lambda/compiled-code.ts';

let folder: string;
let kept: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  kept = join(folder, 'kept');
});

/** A code folder of its own, as every deployed code has. */
const place = (name: string, files: Readonly<Record<string, string>>): string => {
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries({ 'package.json': '{"type":"commonjs"}', ...files })) {
    writeFileSync(join(folder, name, file), text);
  }
  return join(folder, name, 'index.js');
};

const ADD = 'exports.add = (a, b) => a + b;';
const readKept = (): readonly Buffer[] => readdirSync(kept).map((file) => readFileSync(join(kept, file)));

describe('compiled code', () => {
  it('is evaluated as require would', () => {
    const path = place('a', {
      'index.js': `'use strict';
        const { name } = require('./definitions.json');
        module.exports = { name, __filename, __dirname, here: this === exports, read: require('node:path').sep };`,
      'definitions.json': '{"name":"toy"}',
    });

    const { exports } = loadCompiled(path, kept);

    expect(exports).toEqual({ name: 'toy', __filename: path, __dirname: join(folder, 'a'), here: true, read: '/' });
  });

  it('is kept once, and serves the same bytes in another place', () => {
    const first = loadCompiled(place('a', { 'index.js': ADD }), kept);
    first.keep();
    first.keep();
    const [before] = readKept();

    const second = loadCompiled(place('b', { 'index.js': ADD }), kept);
    second.keep();

    expect((second.exports.add as (a: number, b: number) => number)(1, 2)).toBe(3);
    expect(readKept()).toEqual([before]);
  });

  it('is of its own for other bytes', () => {
    loadCompiled(place('a', { 'index.js': ADD }), kept).keep();

    const { exports, keep } = loadCompiled(place('b', { 'index.js': ADD.replace('+', '-') }), kept);
    keep();

    expect((exports.add as (a: number, b: number) => number)(1, 2)).toBe(-1);
    expect(readKept()).toHaveLength(2);
  });

  it('that V8 refuses is compiled and kept anew', () => {
    loadCompiled(place('a', { 'index.js': ADD }), kept).keep();
    const [file = ''] = readdirSync(kept);
    writeFileSync(join(kept, file), 'spoilt');

    const { exports, keep } = loadCompiled(place('b', { 'index.js': ADD }), kept);
    keep();

    expect((exports.add as (a: number, b: number) => number)(1, 2)).toBe(3);
    expect(readKept()[0]?.length).toBeGreaterThan(100);
  });

  it('does without a folder that cannot be written', () => {
    writeFileSync(kept, 'a file');

    const { exports, keep } = loadCompiled(place('a', { 'index.js': ADD }), kept);

    expect(() => keep()).not.toThrow();
    expect(exports.add).toBeTypeOf('function');
  });

  it('that is no CommonJS is left to Node, with what Node says of a mistake', () => {
    const module = place('a', { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = () => 1;' });
    const mistake = place('b', { 'index.js': 'exports.handler = (;' });

    expect(loadCompiled(module, kept).exports.handler).toBeTypeOf('function');
    expect(() => loadCompiled(mistake, kept)).toThrow(/Unexpected token ';'/);
  });
});
