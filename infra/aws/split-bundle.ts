import { readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { type BuildOptions, build, type Message, type Metafile, type Plugin, transform } from 'esbuild';

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
  readonly seldom: SeldomCalled;
  readonly bundle: BuildOptions & { readonly absWorkingDir: string };
}

const ENTRY_FILE = 'index.js';
/** Where files that are loaded later find what was loaded at the start. */
const SHARED_FILE = 'shared.js';
/** Stands for `require` until the modules are CommonJS: a bundler would look into a call of it. */
const REQUIRE = '__requireWhenCalled';
const SELDOM_ENTRY = 'seldom-called:';
const AS_REQUIRE = { [REQUIRE]: 'require' };

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

type Outputs = Metafile['outputs'];
/** Names by file. */
type Exported = Readonly<Record<string, readonly string[]>>;

/** What the files export that are loaded with the entry point. */
const loadedAtStart = (outputs: Outputs): Exported => {
  const names = new Map(Object.keys(outputs).map((path) => [basename(path), path]));
  const found = new Set([ENTRY_FILE]);
  for (const name of found) {
    for (const { path, kind } of outputs[names.get(name) ?? '']?.imports ?? []) {
      if (kind === 'import-statement' && names.has(basename(path))) found.add(basename(path));
    }
  }
  found.delete(ENTRY_FILE);
  return Object.fromEntries([...found].map((name) => [name, outputs[names.get(name) ?? '']?.exports ?? []]));
};

/** Gives the parts of the start to the files that are loaded later: each is made when it is asked for. */
const sharingCode = (exported: Exported): string => {
  const parts = Object.entries(exported).map(([file, names], part) => ({
    imports: `import { ${names.map((name) => `${name} as ${name}_${part}`).join(', ')} } from './${file}';`,
    share: `${JSON.stringify(file)}: () => ({ ${names.map((name) => `get ${name}() { return ${name}_${part}; }`).join(', ')} })`,
  }));
  const imports = parts.map((part) => part.imports);
  return [...imports, `${REQUIRE}('./${SHARED_FILE}').parts = { ${parts.map(({ share }) => share).join(', ')} };`].join(
    '\n',
  );
};

/** Reads the files of the start from memory, and leaves the others where they are. */
const startPlugin = (texts: ReadonlyMap<string, string>, exported: Exported): Plugin => ({
  name: 'files-of-the-start',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\// }, ({ path }) =>
      basename(path) === ENTRY_FILE || Object.hasOwn(exported, basename(path))
        ? { path: basename(path), namespace: 'start' }
        : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: 'start' }, ({ path }) => ({ contents: texts.get(path) ?? '', resolveDir: '/' }));
    onResolve({ filter: /^share-parts$/ }, ({ path }) => ({ path, namespace: 'share' }));
    onLoad({ filter: /.*/, namespace: 'share' }, () => ({ contents: sharingCode(exported), resolveDir: '/' }));
  },
});

/** The entry point with all that is loaded with it, in one file. */
const joinStart = async (
  texts: ReadonlyMap<string, string>,
  exported: Exported,
  { bundle }: SplitOptions,
): Promise<string> => {
  const { outputFiles } = await build({
    ...bundle,
    // They are shared before the entry point runs, whose code may need what is loaded later.
    stdin: { contents: `import 'share-parts';\nexport * from './${ENTRY_FILE}';`, resolveDir: '/' },
    plugins: [startPlugin(texts, exported)],
    define: AS_REQUIRE,
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
};

/** @returns `index.js` and the files that it loads. */
export const buildSplit = async (
  options: SplitOptions,
): Promise<{ readonly files: readonly SplitFile[]; readonly warnings: readonly Message[] }> => {
  const { entry, seldom, bundle } = options;
  const { supported, format, ...divided } = bundle;
  const { outputFiles, warnings, metafile } = await build({
    ...divided,
    external: (divided.external ?? []).filter((name) => name !== 'onnxruntime-node'),
    entryPoints: [
      { in: entry, out: basename(ENTRY_FILE, '.js') },
      ...Object.keys(seldom).map((file) => ({ in: `${SELDOM_ENTRY}${file}`, out: file })),
    ],
    plugins: [seldomPlugin(bundle.absWorkingDir, seldom), onnxRuntimePlugin],
    format: 'esm',
    splitting: true,
    chunkNames: 'part-[hash]',
    outdir: bundle.absWorkingDir,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const start = loadedAtStart(metafile.outputs);
  const asCommonJs = async (text: string): Promise<string> => {
    const { minify = false, target = 'node24' } = bundle;
    const { code } = await transform(text, {
      ...(format === undefined ? {} : { format }),
      ...(supported === undefined ? {} : { supported }),
      ...{ platform: 'node', target, minify, define: AS_REQUIRE },
    });
    return code;
  };
  const later = await Promise.all(
    [...texts]
      .filter(([name]) => name !== ENTRY_FILE)
      .map(async ([name, text]) => ({
        name,
        text: Object.hasOwn(start, name)
          ? `module.exports=require("./${SHARED_FILE}").parts[${JSON.stringify(name)}]();\n`
          : await asCommonJs(text),
      })),
  );
  const files = [{ name: ENTRY_FILE, text: await joinStart(texts, start, options) }, ...later];
  return { files: [...files, { name: SHARED_FILE, text: '' }], warnings };
};
