import { gunzipSync } from 'node:zlib';
import type { CallSite } from '../contracts.ts';

/** What changed in the cloud, in the order in which it changed: read off the calls as they are served. */
export type Effect =
  /** `live` of a model was moved. */
  | {
      readonly kind: 'alias';
      readonly by: string;
      readonly model: string;
      readonly lambdaVersion: string;
      readonly weights: Readonly<Record<string, number>>;
    }
  /** A Lambda version was published; `version` is the model version that it pins. */
  | { readonly kind: 'published'; readonly model: string; readonly lambdaVersion: string; readonly version?: number }
  | { readonly kind: 'registered'; readonly model: string; readonly version: number }
  | { readonly kind: 'decided'; readonly model: string; readonly version: number; readonly status: string }
  /** What stands on a rollout's item since this write. */
  | {
      readonly kind: 'rollout';
      readonly model: string;
      readonly rolloutId: string;
      readonly status?: string;
      readonly lambdaVersion?: string;
      readonly weights?: readonly number[];
    }
  | {
      readonly kind: 'deployed';
      readonly model: string;
      readonly version: number;
      readonly lambdaVersion: string;
      readonly rolloutId: string;
    }
  /** The plan that divides a model's requests; share of 10,000 of each version. */
  | { readonly kind: 'plan'; readonly model: string; readonly shares: Readonly<Record<string, number>> }
  /** An event on the platform's bus. */
  | { readonly kind: 'event'; readonly type: string; readonly model: string; readonly version?: number };

/** Virtual epoch milliseconds. */
export type TimedEffect = Effect & { readonly atMs: number };

interface Wire {
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly L?: readonly AttributeValue[];
  readonly M?: Attributes;
}

interface Attributes {
  readonly [name: string]: AttributeValue;
}

const modelOfFunction = (target: string): string =>
  /\/functions\/(?:[^/]*[:%])?millrace-[a-z0-9]+-infer-([a-z0-9-]+)/.exec(decodeURIComponent(target))?.[1] ?? '';

const json = <T>({ body, headers }: Wire): T =>
  JSON.parse((headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8')) as T;

const numberOf = (value: AttributeValue | undefined): number => Number(value?.N);
const numbersOf = (value: AttributeValue | undefined): readonly number[] | undefined => value?.L?.map(numberOf);

/** Defined fields only. */
const rolloutFields = (values: Attributes, name: (field: string) => string) => {
  const status = values[name('status')]?.S;
  const lambdaVersion = values[name('lambdaVersion')]?.S;
  const weights = numbersOf(values[name('weights')]);
  return {
    ...(status === undefined ? {} : { status }),
    ...(lambdaVersion === undefined ? {} : { lambdaVersion }),
    ...(weights === undefined ? {} : { weights }),
  };
};

const modelOfKey = (key: Attributes): string => key.pk?.S?.replace(/^model#/, '') ?? '';

const effectOfUpdate = (key: Attributes, values: Attributes): readonly Effect[] => {
  const model = modelOfKey(key);
  const [entity, id = ''] = (key.sk?.S ?? '').split('#');
  if (entity === 'rollout') {
    return [{ kind: 'rollout', model, rolloutId: id, ...rolloutFields(values, (field) => `:${field}`) }];
  }
  const status = values[':status']?.S;
  return entity === 'version' && status ? [{ kind: 'decided', model, version: Number(id), status }] : [];
};

const effectOfPut = (item: Attributes): readonly Effect[] => {
  const model = modelOfKey(item);
  switch (item.entityType?.S) {
    case 'ModelVersion':
      return [{ kind: 'registered', model, version: numberOf(item.version) }];
    case 'Rollout':
      return [{ kind: 'rollout', model, rolloutId: item.rolloutId?.S ?? '', ...rolloutFields(item, (field) => field) }];
    case 'Deployment': {
      const { lambdaVersion, rolloutId } = item;
      const deployed = { lambdaVersion: lambdaVersion?.S ?? '', rolloutId: rolloutId?.S ?? '' };
      return [{ kind: 'deployed', model, version: numberOf(item.version), ...deployed }];
    }
    case 'RoutingPlan': {
      const arms = (item.arms?.L ?? []).map(({ M = {} }) => [M.version?.N ?? '', numberOf(M.share)] as const);
      return [{ kind: 'plan', model, shares: Object.fromEntries(arms) }];
    }
    default:
      return [];
  }
};

interface Write {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly ExpressionAttributeValues?: Attributes;
}

const effectsOfWrite = ({ Key, Item, ExpressionAttributeValues = {} }: Write): readonly Effect[] =>
  Item ? effectOfPut(Item) : effectOfUpdate(Key ?? {}, ExpressionAttributeValues);

interface Transaction {
  readonly TransactItems: readonly { readonly Put?: Write; readonly Update?: Write }[];
}

interface Entries {
  readonly Entries: readonly { readonly Source?: string; readonly DetailType?: string; readonly Detail?: string }[];
}

interface LambdaAnswer {
  readonly Version?: string;
  readonly FunctionVersion?: string;
  readonly RoutingConfig?: { readonly AdditionalVersionWeights?: Readonly<Record<string, number>> } | null;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

const READERS: Readonly<Record<string, (site: CallSite, request: Wire, answer: Buffer) => readonly Effect[]>> = {
  'lambda:UpdateAlias': ({ caller }, { target }, answer) => {
    const { FunctionVersion = '', RoutingConfig } = JSON.parse(answer.toString('utf8')) as LambdaAnswer;
    const weights = RoutingConfig?.AdditionalVersionWeights ?? {};
    return [{ kind: 'alias', by: caller, model: modelOfFunction(target), lambdaVersion: FunctionVersion, weights }];
  },
  'lambda:PublishVersion': (_site, { target }, answer) => {
    const { Version = '', Environment } = JSON.parse(answer.toString('utf8')) as LambdaAnswer;
    const pinned = Environment?.Variables?.MODEL_VERSION;
    const version = pinned === undefined ? {} : { version: Number(pinned) };
    return [{ kind: 'published', model: modelOfFunction(target), lambdaVersion: Version, ...version }];
  },
  'dynamodb:PutItem': (_site, request) => effectsOfWrite(json<Write>(request)),
  'dynamodb:UpdateItem': (_site, request) => effectsOfWrite(json<Write>(request)),
  'dynamodb:TransactWriteItems': (_site, request) =>
    json<Transaction>(request).TransactItems.flatMap(({ Put, Update }) => effectsOfWrite(Put ?? Update ?? {})),
  'events:PutEvents': (_site, request) =>
    json<Entries>(request).Entries.flatMap(({ Source, DetailType = '', Detail = '{}' }): readonly Effect[] => {
      if (Source !== 'millrace') return [];
      const { model = '', version } = JSON.parse(Detail) as { readonly model?: string; readonly version?: number };
      return [{ kind: 'event', type: DetailType, model, ...(version === undefined ? {} : { version }) }];
    }),
};

/** What one served call changed. A call that was refused changed nothing. */
export const effectsOf = (
  site: CallSite,
  request: Wire,
  { status, body }: { readonly status: number; readonly body: Buffer },
): readonly Effect[] =>
  status >= 300 ? [] : (READERS[`${site.service}:${site.operation}`]?.(site, request, body) ?? []);
