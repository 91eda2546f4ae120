import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { type BuildOptions, build, type Message, type Plugin, transform } from 'esbuild';
import { AS_REQUIRE, ENTRY_FILE, findJoined, joinedFiles, joinFile, REQUIRE } from './join-parts.ts';

/**
 * A bundle in several files, for a function whose cold start waits for V8 to read all that is in one: what few requests
 * need stands in files of its own, loaded when it is first called or imported. ECMAScript modules are divided, since a
 * bundler divides nothing else; what every start needs is then put together again, and all becomes CommonJS, which
 * starts faster.
 */

/** By the file that they go to, without its ending: functions by the module that exports them. No caller awaits them. */
export type SeldomCalled = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface SplitFile {
  /** In the folder of the function. */
  readonly name: string;
  readonly text: string;
}

interface SplitOptions {
  readonly entry: string;
  /** Modules that are imported by `import()`, each with what it needs in one file: by that file's name, without its ending. */
  readonly joined: {
    /** Loaded by every start. */
    readonly always: Readonly<Record<string, string>>;
    /** Loaded by some. */
    readonly sometimes: Readonly<Record<string, string>>;
  };
  readonly seldom: SeldomCalled;
  readonly bundle: BuildOptions & { readonly absWorkingDir: string };
}

const SELDOM_ENTRY = 'seldom-called:';

/** In the place of a module: functions that load it when they are first called. */
const standIns = (file: string, names: readonly string[]): string =>
  names.map((name) => `export const ${name} = (...given) => ${REQUIRE}('./${file}.js').${name}(...given);`).join('\n');

const seldomPlugin = (folder: string, seldom: SeldomCalled): Plugin => ({
  name: 'seldom-called',
  setup: ({ onResolve, onLoad }) => {
    const standing = new Map(
      Object.entries(seldom).flatMap(([file, modules]) =>
        Object.entries(modules).map(([path, names]) => [join(folder, path), standIns(file, names)] as const),
      ),
    );
    onResolve({ filter: new RegExp(`^${SELDOM_ENTRY}`) }, ({ path }) => ({ path, namespace: SELDOM_ENTRY }));
    onLoad({ filter: /.*/, namespace: SELDOM_ENTRY }, ({ path }) => ({
      contents: Object.entries(seldom[path.slice(SELDOM_ENTRY.length)] ?? {})
        .map(([module, names]) => `export { ${names.join(', ')} } from ${JSON.stringify(join(folder, module))};`)
        .join('\n'),
      resolveDir: folder,
    }));
    onResolve({ filter: /\.ts$/ }, ({ path, resolveDir, namespace }) => {
      const file = isAbsolute(path) ? path : join(resolveDir, path);
      return standing.has(file) && namespace !== SELDOM_ENTRY ? { path: file, namespace: 'stand-in' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'stand-in' }, ({ path }) => ({ contents: standing.get(path) ?? '' }));
  },
});

/**
 * onnxruntime-node's JavaScript comes along, in a file that is loaded with the library: on its own it is thirty files,
 * each looked up, read and compiled alone. The native half stays where its layer has it.
 */
const onnxRuntimePlugin: Plugin = {
  name: 'onnxruntime-node',
  setup: ({ onLoad }) => {
    onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text.replace('require(`../bin/', `${REQUIRE}(\`onnxruntime-node/bin/`);
      if (contents === text) throw new Error(`${path} does not load its native half as it did`);
      return { contents, loader: 'js' };
    });
  },
};

const withEnding = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([name, module]) => [`${name}.js`, module]));

/** @returns `index.js` and the files that it loads. */
export const buildSplit = async (
  options: SplitOptions,
): Promise<{ readonly files: readonly SplitFile[]; readonly warnings: readonly Message[] }> => {
  const { entry, joined, seldom, bundle } = options;
  const { supported, format, ...divided } = bundle;
  const { outputFiles, warnings, metafile } = await build({
    ...divided,
    external: (divided.external ?? []).filter((name) => name !== 'onnxruntime-node'),
    entryPoints: [
      { in: entry, out: basename(ENTRY_FILE, '.js') },
      ...Object.keys(seldom).map((file) => ({ in: `${SELDOM_ENTRY}${file}`, out: file })),
    ],
    plugins: [...(bundle.plugins ?? []), seldomPlugin(bundle.absWorkingDir, seldom), onnxRuntimePlugin],
    format: 'esm',
    splitting: true,
    chunkNames: 'part-[hash]',
    outdir: bundle.absWorkingDir,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const files = joinedFiles(metafile.outputs, {
    always: { [ENTRY_FILE]: metafile.outputs[ENTRY_FILE]?.entryPoint ?? '', ...withEnding(joined.always) },
    sometimes: withEnding(joined.sometimes),
  });
  const found = findJoined(files);
  const asCommonJs = async (text: string): Promise<string> => {
    const { minify = false, target = 'node24' } = bundle;
    const { code } = await transform(text, {
      ...(format === undefined ? {} : { format }),
      ...(supported === undefined ? {} : { supported }),
      ...{ platform: 'node', target, minify, define: AS_REQUIRE },
    });
    return code;
  };
  const joinedAlready = new Set(files.flatMap(({ exported }) => Object.keys(exported)));
  const built = await Promise.all([
    ...files.map(async (file) => ({ name: file.name, text: await joinFile(texts, file, bundle) })),
    ...[...texts]
      .filter(([name]) => !joinedAlready.has(name))
      .map(async ([name, text]) => ({ name, text: await asCommonJs(text) })),
  ]);
  return { files: built.map(({ name, text }) => ({ name, text: found(text) })), warnings };
};
