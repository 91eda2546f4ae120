import { InvalidRequestError } from '../../kernel/errors.ts';

/** What packaging asks of the `MLmodel` file that an MLflow client laid beside a model. */
export interface Mlmodel {
  /** How the model can be loaded: `onnx`, `python_function`, `sklearn` … */
  readonly flavors: readonly string[];
  /** The ONNX flavour's file, relative to the `MLmodel` file. */
  readonly onnxFile?: string;
  /** JSON of the signature's schemas. */
  readonly inputs?: string;
  readonly outputs?: string;
}

export const LARGEST_MLMODEL_BYTES = 1_000_000;

const ENTRY = /^( *)([\w.-]+):(?: +(.*))?$/;

const indentOf = (line: string): number => line.length - line.trimStart().length;

const SINGLE_QUOTED = /^'((?:[^']|'')*)'\s*(?:#.*)?$/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/s;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', N: '\u0085', _: '\u00a0' };

const unescaped = (text: string): string =>
  text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/gs, (_whole, code: string) =>
    code.length > 1 ? String.fromCodePoint(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
  );

/** The lines of one scalar as one: a line's end is a space, after a backslash in double quotes nothing. */
const folded = (lines: readonly string[]): string => {
  const trimmed = lines.map((line) => line.trim());
  if (trimmed[0]?.startsWith('"') !== true) return trimmed.join(' ').trim();
  return trimmed.map((line) => (/(^|[^\\])\\$/.test(line) ? line.slice(0, -1) : `${line} `)).join('');
};

const scalarOf = (lines: readonly string[]): string => {
  const text = folded(lines);
  const single = SINGLE_QUOTED.exec(text)?.[1];
  if (single !== undefined) return single.replaceAll("''", "'");
  const double = DOUBLE_QUOTED.exec(text)?.[1];
  if (double !== undefined) return unescaped(double);
  return text.replace(/\s+#.*$/, '');
};

/** The lines behind one that are part of its value: those that stand deeper, and empty ones. */
const continuationOf = (lines: readonly string[], at: number, indent: number): readonly string[] => {
  const isOwn = (line: string | undefined): boolean => line !== undefined && (line === '' || indentOf(line) > indent);
  let end = at + 1;
  while (isOwn(lines[end])) end += 1;
  return lines.slice(at + 1, end);
};

/**
 * The scalars of nested mappings by their path, `a.b.c`, in YAML's block style as PyYAML's `safe_dump` writes it; of a
 * mapping the empty text. Lists and whatever stands in another style are passed over: nothing of them is asked for.
 */
const scalarsByPath = (text: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  const above: { readonly indent: number; readonly name: string }[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at += 1) {
    const [whole, spaces = '', name = '', value = ''] = ENTRY.exec(lines[at] ?? '') ?? [];
    if (whole === undefined) continue;
    const indent = spaces.length;
    while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    above.push({ indent, name });
    const more = value === '' ? [] : continuationOf(lines, at, indent);
    found.set(above.map((one) => one.name).join('.'), scalarOf([value, ...more]));
    at += more.length;
  }
  return found;
};

const present = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value === 'null' ? undefined : value;

/** @throws InvalidRequestError for a file that names no flavours. */
export const readMlmodel = (text: string): Mlmodel => {
  const scalars = scalarsByPath(text);
  const flavors = [...scalars.keys()].flatMap((path) => /^flavors\.([\w-]+)$/.exec(path)?.[1] ?? []);
  if (flavors.length === 0) throw new InvalidRequestError('its MLmodel file names no flavors');
  const onnxFile = present(scalars.get('flavors.onnx.data'));
  const inputs = present(scalars.get('signature.inputs'));
  const outputs = present(scalars.get('signature.outputs'));
  return {
    flavors,
    ...(onnxFile === undefined ? {} : { onnxFile }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(outputs === undefined ? {} : { outputs }),
  };
};
