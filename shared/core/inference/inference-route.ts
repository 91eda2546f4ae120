/** What a path of the serving APIs asks for. */
export type Operation =
  | 'server metadata'
  | 'server live'
  | 'server ready'
  | 'model metadata'
  | 'model ready'
  | 'infer'
  | 'predict'
  | 'invoke'
  | 'openapi'
  | 'ping'
  | 'version'
  | 'list models'
  | 'load model'
  | 'describe model'
  | 'unload model';

/** By what rules an error is said: Open Inference Protocol, MLflow's scoring server, or problem details. */
export type Dialect = 'open-inference' | 'mlflow' | 'problem';

export interface PathMatch {
  readonly dialect: Dialect;
  /** By method; none for an unknown path. */
  readonly operations: Readonly<Record<string, Operation>>;
  readonly model?: string;
  readonly version?: string;
}

interface Pattern {
  readonly segments: readonly string[];
  readonly dialect: Dialect;
  readonly operations: Readonly<Record<string, Operation>>;
}

const pattern = (path: string, dialect: Dialect, operations: Pattern['operations']): Pattern => ({
  segments: path.slice(1).split('/'),
  dialect,
  operations,
});

const OF_MODELS: readonly Pattern[] = [
  ...['/v2/models/{model}', '/v2/models/{model}/versions/{version}'].flatMap((base) => [
    pattern(base, 'open-inference', { GET: 'model metadata' }),
    pattern(`${base}/ready`, 'open-inference', { GET: 'model ready' }),
    pattern(`${base}/infer`, 'open-inference', { POST: 'infer' }),
  ]),
  pattern('/models/{model}/predict', 'problem', { POST: 'predict' }),
  pattern('/models/{model}/openapi.json', 'problem', { GET: 'openapi' }),
  pattern('/models/{model}/invocations', 'mlflow', { POST: 'invoke' }),
];

/** Of a server as a whole; the last four and `invoke` are SageMaker's contract of a container with many models. */
const OF_SERVERS: readonly Pattern[] = [
  pattern('/v2', 'open-inference', { GET: 'server metadata' }),
  pattern('/v2/health/live', 'open-inference', { GET: 'server live' }),
  pattern('/v2/health/ready', 'open-inference', { GET: 'server ready' }),
  pattern('/ping', 'mlflow', { GET: 'ping' }),
  pattern('/health', 'mlflow', { GET: 'ping' }),
  pattern('/version', 'mlflow', { GET: 'version' }),
  pattern('/invocations', 'mlflow', { POST: 'invoke' }),
  pattern('/models', 'mlflow', { GET: 'list models', POST: 'load model' }),
  pattern('/models/{model}', 'mlflow', { GET: 'describe model', DELETE: 'unload model' }),
  pattern('/models/{model}/invoke', 'mlflow', { POST: 'invoke' }),
];

/** Undefined for a segment that is not percent-encoded UTF-8: no route has such a path. */
const decoded = (segment: string): string | undefined => {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
};

const matchOne = (
  { segments: expected, dialect, operations }: Pattern,
  segments: readonly (string | undefined)[],
): PathMatch | undefined => {
  if (segments.length !== expected.length) return undefined;
  let model: string | undefined;
  let version: string | undefined;
  for (let i = 0; i < expected.length; i += 1) {
    const segment = segments[i];
    if (segment === undefined || segment === '') return undefined;
    if (expected[i] === '{model}') model = segment;
    else if (expected[i] === '{version}') version = segment;
    else if (expected[i] !== segment) return undefined;
  }
  return {
    dialect,
    operations,
    ...(model === undefined ? {} : { model }),
    ...(version === undefined ? {} : { version }),
  };
};

const nothingAt = (path: string): PathMatch => ({
  dialect: /^\/v2(\/|$)/.test(path) ? 'open-inference' : 'problem',
  operations: {},
});

/** Paths kept: a service asks the same few again and again, and who invents others only empties the memory. */
const KEPT_PATHS = 2_048;
const LONGEST_KEPT_PATH = 512;

/** @param server whether the paths of a server as a whole are known too. */
export const createPathMatcher = (server: boolean): ((path: string) => PathMatch) => {
  const patterns = server ? [...OF_MODELS, ...OF_SERVERS] : OF_MODELS;
  const kept = new Map<string, PathMatch>();
  const search = (path: string): PathMatch => {
    const segments = path
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map(decoded);
    for (const each of patterns) {
      const match = matchOne(each, segments);
      if (match !== undefined) return match;
    }
    return nothingAt(path);
  };
  return (path) => {
    const known = kept.get(path);
    if (known !== undefined) return known;
    const match = search(path);
    if (path.length <= LONGEST_KEPT_PATH) {
      if (kept.size >= KEPT_PATHS) kept.clear();
      kept.set(path, match);
    }
    return match;
  };
};
