import { InvalidRequestError } from '../../kernel/errors.ts';

/**
 * Where a client may say that a version's files are: any URI but a path of the caller's or the server's machine, which
 * nobody else could read. Rules and words: MLflow's.
 */

/** What `models:/…` names: a version by number or alias, or a logged model by id. */
export type ModelUri =
  | { readonly kind: 'version'; readonly name: string; readonly version: number }
  | { readonly kind: 'alias'; readonly name: string; readonly alias: string }
  | { readonly kind: 'logged-model'; readonly modelId: string };

const LONGEST_SOURCE = 4_096;
const SCHEME = /^([a-zA-Z][a-zA-Z0-9+.-]*):/;

const schemeOf = (uri: string): string => SCHEME.exec(uri)?.[1]?.toLowerCase() ?? '';

/** A path of some machine. A one-letter scheme is a drive. */
export const isLocalSource = (source: string): boolean => {
  const scheme = schemeOf(source);
  return scheme === '' || scheme === 'file' || scheme.length === 1;
};

const fullyDecoded = (text: string): string => {
  let decoded = text;
  for (let round = 0; round < 10; round += 1) {
    const next = decoded.replaceAll('+', ' ').replaceAll(/(%[0-9a-fA-F]{2})+/g, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        return escaped; // no UTF-8: it stays as it is
      }
    });
    if (next === decoded) return decoded;
    decoded = next;
  }
  return decoded;
};

const pathOf = (uri: string): string => {
  const afterScheme = uri.replace(SCHEME, '').replace(/[?#].*$/s, '');
  return afterScheme.startsWith('//') ? afterScheme.replace(/^\/\/[^/]*/, '') : afterScheme;
};

const isRelative = (source: string): boolean => {
  const decoded = fullyDecoded(source);
  if (decoded.includes('\0') || decoded.split(/[\\/]/).includes('..')) return true;
  return pathOf(decoded).split('/').includes('.');
};

const localPathOf = (uri: string): string => fullyDecoded(pathOf(uri)).replaceAll(/\/+/g, '/').replace(/\/$/, '');

/** Whether a local path lies in a local folder, neither with relative parts. */
const liesIn = (source: string, folder: string): boolean => {
  if (!isLocalSource(folder) || isRelative(source)) return false;
  const [path, root] = [localPathOf(source), localPathOf(folder)];
  return root.startsWith('/') && (path === root || path.startsWith(`${root}/`));
};

/**
 * @param artifactUri of the run or logged model that the version is registered from.
 * @throws InvalidRequestError for a local path outside `artifactUri`, a path with relative parts, a source too long.
 */
export const requireVersionSource = (source: string, from: 'run_id' | 'model_id', artifactUri?: string): void => {
  if (source.length > LONGEST_SOURCE) {
    throw new InvalidRequestError(`'source' exceeds the maximum length of ${LONGEST_SOURCE} characters`);
  }
  if (isLocalSource(source)) {
    if (artifactUri !== undefined && liesIn(source, artifactUri)) return;
    throw new InvalidRequestError(
      `Invalid model version source: '${source}'. To use a local path as a model version source, the ${from} request parameter has to be specified and the local path has to be contained within the artifact directory of the run specified by the ${from}.`,
    );
  }
  if (isRelative(source)) {
    throw new InvalidRequestError(
      `Invalid model version source: '${source}'. If supplying a source as an http, https, local file path, ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path references present. Please provide an absolute path.`,
    );
  }
};

/** @returns undefined for a URI of another scheme. @throws InvalidRequestError for one that names nothing. */
export const parseModelUri = (uri: string): ModelUri | undefined => {
  if (schemeOf(uri) !== 'models') return undefined;
  const parts = pathOf(uri).replace(/^\/+/, '').split('/');
  const [first = '', second] = parts;
  if (parts.length === 1 && first.includes('@')) {
    const at = first.lastIndexOf('@');
    const [name, alias] = [first.slice(0, at), first.slice(at + 1)];
    if (name !== '' && alias !== '') return { kind: 'alias', name, alias };
  }
  if (parts.length === 1 && first !== '' && !first.includes('@')) return { kind: 'logged-model', modelId: first };
  if (parts.length === 2 && first !== '' && second !== undefined && /^[1-9]\d{0,9}$/.test(second)) {
    return { kind: 'version', name: first, version: Number(second) };
  }
  throw new InvalidRequestError(
    `Not a proper models:/ URI: ${uri}. Models URIs must be of the form 'models:/model_name/version', 'models:/model_name@alias', or 'models:/model_id'.`,
  );
};
