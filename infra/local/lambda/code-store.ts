import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AwsError } from '../contracts.ts';
import type { FunctionCode } from './records.ts';
import { checkUnzippedSize, unzip } from './unzip.ts';

/**
 * Keeps every deployed code for as long as this cloud lives: a published version must still run after the next
 * synthesis has replaced the assembly it came from.
 */
export interface CodeStore {
  /**
   * Takes over an asset of the assembly; one that was taken before is given as it is kept, whatever the assembly holds
   * by now. @throws AwsError InvalidParameterValueException when neither has it.
   */
  take(objectKey: string): FunctionCode;
  /** Unpacks an archive. @throws AwsError InvalidParameterValueException */
  takeArchive(archive: Buffer): FunctionCode;
  folderOf(code: FunctionCode): string;
}

const folderBytes = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

export const createCodeStore = (folder: string, assetPath: (objectKey: string) => string | undefined): CodeStore => {
  mkdirSync(folder, { recursive: true });
  // Without it Node would look for the type of the bundles in whatever package.json lies above this folder.
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  const folderOf = ({ digest }: FunctionCode): string => join(folder, digest);

  /** Fills the folder of a code at once: a kill in between leaves none that is half there. */
  const fill = (target: string, write: (folder: string) => void): void => {
    const partial = `${target}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    write(partial);
    renameSync(partial, target);
  };

  return {
    folderOf,
    takeArchive: (archive) => {
      const files = unzip(archive);
      const digest = createHash('sha256').update(archive).digest();
      const code = { digest: digest.toString('hex'), sha256: digest.toString('base64'), sizeBytes: archive.length };
      const target = folderOf(code);
      if (existsSync(target)) return code;
      fill(target, (partial) => {
        for (const { path, bytes, executable } of files) {
          mkdirSync(dirname(join(partial, path)), { recursive: true });
          writeFileSync(join(partial, path), bytes, { mode: executable ? 0o755 : 0o644 });
        }
      });
      return code;
    },
    take: (objectKey) => {
      const digest = basename(objectKey).replace(/\.zip$/, '');
      const target = join(folder, digest);
      if (!existsSync(target)) {
        const source = assetPath(objectKey);
        if (source === undefined || !existsSync(source)) {
          throw new AwsError('InvalidParameterValueException', `the assembly holds no asset for ${objectKey}`);
        }
        fill(target, (partial) => cpSync(source, partial, { recursive: true }));
      }
      const sizeBytes = folderBytes(target);
      checkUnzippedSize(sizeBytes);
      return { digest, sha256: Buffer.from(digest, 'hex').toString('base64'), sizeBytes };
    },
  };
};
