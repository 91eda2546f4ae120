import { InvalidRequestError } from '../../kernel/errors.ts';

const invalidPath = (): InvalidRequestError => new InvalidRequestError('Invalid path');

/** Of the whole path in UTF-8: a key of S3 has at most 1,024 bytes, and ours begin with the workspace. */
const MAX_PATH_BYTES = 900;
/** A path that is still encoded after so many decodings is not one that a client makes by accident. */
const MAX_DECODINGS = 8;

const isControl = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || code === 0x7f;
};

const leavesItsRoot = (path: string): boolean =>
  path.startsWith('/') || path.includes('\\') || /^[a-z]:/i.test(path) || path.split('/').includes('..');

const decodedOnce = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a per cent sign that encodes nothing is a plain character
  }
};

/** Whether a path that is decoded once more, by whatever reads it later, would lead out of its root. */
const hidesTraversal = (path: string): boolean => {
  let current = path;
  for (let decodings = 0; decodings < MAX_DECODINGS; decodings += 1) {
    if (leavesItsRoot(current)) return true;
    const next = decodedOnce(current);
    if (next === current) return false;
    current = next;
  }
  return true;
};

/**
 * The artifact path in its one form, `a/b/c`; the root is ''. Refused are `..`, absolute paths (POSIX, Windows, file
 * URIs), each also in percent-encoding, backslashes, `#` and control characters.
 * @param path as the caller named it, percent-decoded once.
 * @throws InvalidRequestError `Invalid path`, which MLflow's tests look for.
 */
export const parseArtifactPath = (path: string): string => {
  if (hidesTraversal(path) || path.includes('#') || /^file:/i.test(path) || [...path].some(isControl)) {
    throw invalidPath();
  }
  const plain = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
  const sizeBytes = new TextEncoder().encode(plain).byteLength;
  if (sizeBytes > MAX_PATH_BYTES) {
    throw new InvalidRequestError(`artifact path has ${sizeBytes} bytes, at most ${MAX_PATH_BYTES} are allowed`);
  }
  return plain;
};

/** The name of a file that a client calls by its local path, POSIX or Windows. @throws InvalidRequestError */
export const localFileName = (localPath: string): string => {
  const name = localPath.split(/[/\\]/).at(-1) ?? '';
  if (name === '' || name === '.' || name === '..') throw invalidPath();
  return name;
};

export const joinArtifactPath = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join('/');
