import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { listFiles } from './s3-transfer.ts';

const BLOCK = 512;

const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;

/** ustar splits a long name at a slash: 155 bytes before, 100 after. */
const splitName = (name: string): readonly [prefix: string, name: string] => {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return [prefix, rest];
  }
  throw new Error(`file name ${name} is too long for a tar archive`);
};

const header = (fullName: string, sizeBytes: number, modifiedSeconds: number): Buffer => {
  const block = Buffer.alloc(BLOCK);
  const [prefix, name] = splitName(fullName);
  block.write(name, 0, 100, 'utf8');
  block.write(octal(0o644, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(sizeBytes, 12), 124);
  block.write(octal(modifiedSeconds, 12), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(prefix, 345, 155, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148);
  return block;
};

/** A folder as tar.gz, as SageMaker stores a model by default. */
export const tarFolder = async (folder: string): Promise<Buffer> => {
  const blocks: Buffer[] = [];
  for (const file of await listFiles(folder)) {
    const content = await readFile(file.path);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    blocks.push(header(file.name, content.length, Math.floor(file.modifiedMs / 1000)), content, padding);
  }
  blocks.push(Buffer.alloc(BLOCK * 2));
  return promisify(gzip)(Buffer.concat(blocks));
};
