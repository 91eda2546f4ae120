import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';

/** Packages with native code: in layers on AWS, in node_modules under the embedded cloud, never in a bundle. */
export const NATIVE_PACKAGES = ['onnxruntime-node', '@duckdb/node-api'];

/**
 * How a function is bundled: CommonJS for Node 24. No V8 code cache goes along, which would save the inference function
 * a tenth of its cold start: it is good for one exact build of Node on one kind of processor, neither of which is known
 * here, and any other would only read it.
 */
export const BUNDLE_OPTIONS = {
  absWorkingDir: join(import.meta.dirname, '../..'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  // An import() of `node:http` reads its every export, one of which loads the whole of fetch; a require() does not.
  supported: { 'dynamic-import': false },
  minify: true,
  // Licences stay with their packages in the repository; comments in a bundle would only be downloaded.
  legalComments: 'none',
  external: NATIVE_PACKAGES,
} satisfies BuildOptions;
