import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { BUNDLE_OPTIONS } from './bundle-options.ts';

/** A change of one place in a source file. */
export interface SourceRevision {
  /** Path from the repository's root. */
  readonly file: string;
  /** Text that must stand there exactly once. */
  readonly snippet: string;
  readonly replacement: string;
}

/** @throws Error when the snippet stands there not at all, or more than once. */
export const reviseSource = (text: string, { file, snippet, replacement }: SourceRevision): string => {
  const count = text.split(snippet).length - 1;
  if (count !== 1) throw new Error(`${JSON.stringify(snippet)} must stand once in ${file}, stands ${count} times`);
  return text.replace(snippet, () => replacement);
};

/** For esbuild: bundles that file as if it had been changed. `revised` says whether any bundle took it in. */
export const revisedSource = (
  revision: SourceRevision,
): { readonly plugin: Plugin; readonly revised: () => boolean } => {
  const path = join(BUNDLE_OPTIONS.absWorkingDir, revision.file);
  let revised = false;
  const plugin: Plugin = {
    name: 'revised-source',
    setup: ({ onLoad }) => {
      onLoad({ filter: new RegExp(`${basename(path).replaceAll('.', '\\.')}$`), namespace: 'file' }, (loaded) => {
        if (loaded.path !== path) return undefined;
        revised = true;
        return { contents: reviseSource(readFileSync(path, 'utf8'), revision), loader: 'ts' };
      });
    },
  };
  return { plugin, revised: () => revised };
};
