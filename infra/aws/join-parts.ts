import { basename } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

/**
 * Parts of a divided bundle that are always loaded together, put together again: a file costs looking up, opening and
 * reading, however little is in it.
 */

/** The first of the files: what it exports is also where the files find parts that are in another. */
export const ENTRY_FILE = 'index.js';
/** Stands for `require` until the modules are CommonJS: a bundler would look into a call of it. */
export const REQUIRE = '__requireWhenCalled';
export const AS_REQUIRE = { [REQUIRE]: 'require' };
/** Stands for `module` until a file is built: a bundler would take a part that names it for CommonJS. */
const MODULE = '__commonJsModule';

type Outputs = Metafile['outputs'];

/** What goes into one file. */
export interface JoinedFile {
  /** Its name in the folder of the function. */
  readonly name: string;
  /** The part by which it is loaded. */
  readonly entry: string;
  /** Names that its parts export to files beside it, by part. */
  readonly exported: Readonly<Record<string, readonly string[]>>;
}

/** The parts that are loaded with one of them. */
const loadedWith = (outputs: Outputs, first: string): readonly string[] => {
  const found = new Set([first]);
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === 'import-statement' && Object.hasOwn(outputs, path)) found.add(path);
    }
  }
  return [...found];
};

const joinedFile = (outputs: Outputs, name: string, paths: readonly string[]): JoinedFile => ({
  name,
  entry: basename(paths[0] ?? ''),
  exported: Object.fromEntries(paths.map((path) => [basename(path), outputs[path]?.exports ?? []])),
});

/**
 * Divides parts among files.
 * @param always modules that every start loads, one after another, by the file's name.
 * @param sometimes modules that some starts load after those: a part that two of them need stays alone.
 */
export const joinedFiles = (
  outputs: Outputs,
  { always, sometimes }: Readonly<Record<'always' | 'sometimes', Readonly<Record<string, string>>>>,
): readonly JoinedFile[] => {
  const pathOf = (module: string): string => {
    const found = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === module);
    if (found === undefined) throw new Error(`${module} is imported by no import()`);
    return found;
  };
  const taken = new Set<string>();
  const files: JoinedFile[] = [];
  for (const [name, module] of Object.entries(always)) {
    const paths = loadedWith(outputs, pathOf(module)).filter((path) => !taken.has(path));
    for (const path of paths) taken.add(path);
    files.push(joinedFile(outputs, name, paths));
  }
  const others = Object.entries(sometimes).map(([name, module]) => {
    const paths = loadedWith(outputs, pathOf(module)).filter((path) => !taken.has(path));
    return { name, paths };
  });
  for (const { name, paths } of others) {
    const alone = paths.filter((path) => others.filter((other) => other.paths.includes(path)).length === 1);
    files.push(joinedFile(outputs, name, alone));
  }
  return files;
};

/** Gives the parts of a file to those beside it: each is made when it is asked for, so when all that it holds is. */
const sharingCode = ({ name: fileName, entry, exported }: JoinedFile): string => {
  const beside = Object.entries(exported).filter(([file]) => file !== entry);
  const parts = beside.map(([file, names], part) => ({
    imports: `import { ${names.map((name) => `${name} as ${name}_${part}`).join(', ')} } from './${file}';`,
    share: `${JSON.stringify(file)}: () => ({ ${names.map((name) => `${name}: ${name}_${part}`).join(', ')} })`,
  }));
  const imports = parts.map((part) => part.imports);
  const shares = parts.map(({ share }) => share).join(', ');
  const place = fileName === ENTRY_FILE ? `${MODULE}.exports` : `${REQUIRE}('./${ENTRY_FILE}')`;
  return [...imports, `Object.assign(${place}, { ${shares} });`].join('\n');
};

/** Reads the parts of a file from memory, and leaves the others where they are. */
const partsPlugin = (texts: ReadonlyMap<string, string>, file: JoinedFile): Plugin => ({
  name: 'parts-of-a-file',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /^\.\// }, ({ path }) =>
      Object.hasOwn(file.exported, basename(path))
        ? { path: basename(path), namespace: 'part' }
        : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: texts.get(path) ?? '', resolveDir: '/' }));
    onResolve({ filter: /^share-parts$/ }, ({ path }) => ({ path, namespace: 'share' }));
    onLoad({ filter: /.*/, namespace: 'share' }, () => ({ contents: sharingCode(file), resolveDir: '/' }));
  },
});

/** A file's parts as one script. */
export const joinFile = async (
  texts: ReadonlyMap<string, string>,
  file: JoinedFile,
  bundle: BuildOptions,
): Promise<string> => {
  const { outputFiles } = await build({
    ...bundle,
    // They are shared before the entry part runs, whose code may need what is loaded later.
    stdin: { contents: `import 'share-parts';\nexport * from './${file.entry}';`, resolveDir: '/' },
    plugins: [partsPlugin(texts, file)],
    define: AS_REQUIRE,
    write: false,
    logLevel: 'silent',
  });
  return (outputFiles?.[0]?.text ?? '').replace(MODULE, 'module');
};

/** Sends who requires a part to the file that it went into. */
export const findJoined =
  (files: readonly JoinedFile[]) =>
  (text: string): string =>
    text.replace(/\brequire\("\.\/([\w-]+\.js)"\)/g, (call, part: string) => {
      const file = files.find(({ exported }) => Object.hasOwn(exported, part));
      if (file === undefined) return call;
      const load = `require("./${file.name}")`;
      if (part === file.entry) return load;
      const shared = `require("./${ENTRY_FILE}")[${JSON.stringify(part)}]()`;
      // The first is loaded before any other.
      return file === files[0] ? shared : `(${load},${shared})`;
    });
