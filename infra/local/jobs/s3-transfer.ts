import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CloudPorts } from '../contracts.ts';
import { bodyChunks } from '../states/map/object-body.ts';

export interface S3Location {
  readonly bucket: string;
  /** Key or prefix, without a leading slash. */
  readonly key: string;
}

export const parseS3Uri = (uri: string): S3Location | undefined => {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(uri);
  return match ? { bucket: match[1] ?? '', key: match[2] ?? '' } : undefined;
};

/** Calls S3 as a role. */
export interface S3Access {
  readonly ports: CloudPorts;
  readonly roleArn: string;
}

/** Pages of a listing, 1,000 keys each. */
const PAGE_LIMIT = 1_000;

const listKeys = async ({ ports, roleArn }: S3Access, { bucket, key }: S3Location): Promise<readonly string[]> => {
  const keys: string[] = [];
  let token: string | undefined;
  for (let page = 0; page < PAGE_LIMIT; page += 1) {
    const request = { Bucket: bucket, Prefix: key, ...(token === undefined ? {} : { ContinuationToken: token }) };
    const answer = (await ports.call('s3', 'ListObjectsV2', request, roleArn)) as {
      readonly Contents?: readonly { readonly Key?: string }[];
      readonly NextContinuationToken?: string;
    };
    keys.push(...(answer.Contents ?? []).map((object) => object.Key ?? ''));
    token = answer.NextContinuationToken;
    if (token === undefined) return keys;
  }
  throw new Error(`s3://${bucket}/${key} holds more than ${PAGE_LIMIT * 1000} objects`);
};

/** Where an object lies below the folder: its key without the prefix, which may end inside a name. */
export const relativePath = (key: string, prefix: string): string => {
  const rest = key.slice(prefix.length);
  const below = rest.startsWith('/') ? rest.slice(1) : key.slice(prefix.lastIndexOf('/') + 1);
  return prefix.endsWith('/') || prefix === '' ? rest : below;
};

/** Downloads everything under a prefix. @returns how many objects came. */
export const downloadPrefix = async (access: S3Access, location: S3Location, folder: string): Promise<number> => {
  const keys = (await listKeys(access, location)).filter((key) => !key.endsWith('/'));
  for (const key of keys) {
    const path = resolve(folder, relativePath(key, location.key));
    if (!path.startsWith(resolve(folder) + sep)) throw new Error(`object key ${key} leads out of the folder`);
    await mkdir(dirname(path), { recursive: true });
    const answer = await access.ports.call('s3', 'GetObject', { Bucket: location.bucket, Key: key }, access.roleArn);
    await pipeline(Readable.from(bodyChunks((answer as { Body?: unknown }).Body)), createWriteStream(path));
  }
  return keys.length;
};

export interface LocalFile {
  /** With forward slashes, below the folder. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Regular files below a folder, in name order. Links are left out: they could lead anywhere. */
export const listFiles = async (folder: string): Promise<readonly LocalFile[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        const { size, mtimeMs } = await stat(path);
        return { name: relative(folder, path).split(sep).join('/'), path, sizeBytes: size, modifiedMs: mtimeMs };
      }),
  );
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
};

export const uploadFile = async (
  { ports, roleArn }: S3Access,
  { bucket, key }: S3Location,
  body: Uint8Array,
): Promise<void> => {
  await ports.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: body }, roleArn);
};

/** Uploads a folder's files below a prefix. `known` remembers what went before, so that a sync sends changes only. */
export const uploadFolder = async (
  access: S3Access,
  folder: string,
  { bucket, key }: S3Location,
  known: Map<string, string> = new Map(),
): Promise<number> => {
  let sent = 0;
  for (const file of await listFiles(folder)) {
    const mark = `${file.sizeBytes}/${file.modifiedMs}`;
    if (known.get(file.name) === mark) continue;
    const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
    await uploadFile(access, { bucket, key: `${prefix}${file.name}` }, await readFile(file.path));
    known.set(file.name, mark);
    sent += 1;
  }
  return sent;
};
