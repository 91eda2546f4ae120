import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { RawResponse, RestCall, RestOperation, RestProtocol } from '../protocols/rest.ts';
import { ASYNC_PAYLOAD_BYTES, type AsyncQueue } from './async-queue.ts';
import { accountRoutes, codeRoutes, tagRoutes } from './code-routes.ts';
import { renderAlias, renderConfiguration, renderInvokeConfig } from './configuration.ts';
import { isVersion, parseFunctionReference } from './function-store.ts';
import { checkPayload, chooseTarget, invokeSync, SYNC_PAYLOAD_BYTES } from './invocation.ts';
import type { LambdaState } from './lambda-state.ts';
import type { MappingBook } from './mappings/mapping-book.ts';
import { mappingRoutes } from './mappings/mapping-routes.ts';
import { createAlias, deleteFunction, deleteVersion, publishVersion, updateAlias, updateLatest } from './operations.ts';
import { pageOf } from './pages.ts';
import { addPermission, policyDocument, removePermission } from './permissions.ts';
import { type EventInvokeConfig, LATEST, type VersionRecord } from './records.ts';
import { readGivenSettings } from './settings.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html: 50 at most, whatever is asked for. */
const PAGE = { defaultSize: 50, most: 10_000, cap: 50 };

const readBody = async <T>(call: RestCall, read: (fields: Fields) => T): Promise<T> =>
  readFields(await call.json(), { code: 'InvalidParameterValueException' }, read);

const referenceOf = (call: RestCall): { readonly name: string; readonly qualifier?: string } =>
  parseFunctionReference(call.path.name ?? '', call.query.get('Qualifier'));

/** The settings that a reference shows: an alias shows those of its main version. */
const recordOf = (state: LambdaState, call: RestCall): VersionRecord => {
  const { name, qualifier = LATEST } = referenceOf(call);
  const version = isVersion(qualifier) ? qualifier : state.store.getAlias(name, qualifier).functionVersion;
  return state.store.getVersion(name, version);
};

const page = <T>(call: RestCall, name: string, items: readonly T[]): Readonly<Record<string, unknown>> =>
  pageOf(call.query, name, items, PAGE);

const latestOf = (state: LambdaState, name: string): VersionRecord => state.store.getVersion(name, LATEST);

const functionRoutes = (state: LambdaState): RestProtocol['routes'] => ({
  'GET /2015-03-31/functions?Marker&MaxItems': (call) => {
    const names = state.store.functions.entries().map(([name]) => name);
    return page(
      call,
      'Functions',
      names.map((name) => renderConfiguration(state, latestOf(state, name))),
    );
  },
  'GET /2015-03-31/functions/{name}?Qualifier': (call) => {
    const record = recordOf(state, call);
    const { reservedConcurrency, tags } = state.store.getFunction(record.functionName);
    return {
      Configuration: renderConfiguration(state, record),
      Code: { RepositoryType: 'S3' },
      ...(tags === undefined ? {} : { Tags: tags }),
      ...(reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  },
  'GET /2015-03-31/functions/{name}/configuration?Qualifier': (call) =>
    renderConfiguration(state, recordOf(state, call)),
  'PUT /2015-03-31/functions/{name}/configuration': async (call) => {
    const { name } = referenceOf(call);
    const { change, revisionId } = await readBody(call, (fields) => ({
      change: readGivenSettings(fields),
      revisionId: fields.text('RevisionId'),
    }));
    updateLatest(state, name, change, { revisionId });
    return renderConfiguration(state, latestOf(state, name));
  },
  'DELETE /2015-03-31/functions/{name}?Qualifier': {
    status: 204,
    operation: (call) => {
      const { name, qualifier } = referenceOf(call);
      if (qualifier === undefined) deleteFunction(state, name);
      else deleteVersion(state, name, qualifier);
    },
  },
  'GET /2015-03-31/functions/{name}/versions?Marker&MaxItems': (call) => {
    const { name } = referenceOf(call);
    const records = [latestOf(state, name), ...state.store.versions(name)];
    const rendered = records.map((record) => ({
      ...renderConfiguration(state, record),
      FunctionArn: state.store.functionArn(name, record.version),
    }));
    return page(call, 'Versions', rendered);
  },
  'POST /2015-03-31/functions/{name}/versions': {
    status: 201,
    operation: async (call) => {
      const { name } = referenceOf(call);
      const given = await readBody(call, (fields) => ({
        revisionId: fields.text('RevisionId'),
        codeSha256: fields.text('CodeSha256'),
        description: fields.text('Description'),
      }));
      return renderConfiguration(state, publishVersion(state, name, given));
    },
  },
});

const readAlias = (fields: Fields) => {
  const functionVersion = fields.text('FunctionVersion');
  const description = fields.text('Description');
  const routing = fields.object('RoutingConfig', (inner) =>
    Object.fromEntries(
      Object.entries((inner.raw('AdditionalVersionWeights') ?? {}) as Record<string, unknown>).map(
        ([version, weight]) => [version, Number(weight)],
      ),
    ),
  );
  return {
    ...(functionVersion === undefined ? {} : { functionVersion }),
    ...(description === undefined ? {} : { description }),
    ...(routing === undefined ? {} : { routing }),
  };
};

const aliasRoutes = (state: LambdaState): RestProtocol['routes'] => ({
  'GET /2015-03-31/functions/{name}/aliases?FunctionVersion&Marker&MaxItems': (call) => {
    const { name } = referenceOf(call);
    const version = call.query.get('FunctionVersion');
    state.store.getFunction(name);
    const aliases = state.store.aliases(name).filter((alias) => version === null || alias.functionVersion === version);
    return page(
      call,
      'Aliases',
      aliases.map((alias) => renderAlias(state, alias)),
    );
  },
  'POST /2015-03-31/functions/{name}/aliases': {
    status: 201,
    operation: async (call) => {
      const { name } = referenceOf(call);
      const given = await readBody(call, (fields) => ({ name: fields.requiredText('Name'), ...readAlias(fields) }));
      if (given.functionVersion === undefined) {
        throw new AwsError('InvalidParameterValueException', 'FunctionVersion is required', 400, { Type: 'User' });
      }
      const { functionVersion } = given;
      return renderAlias(
        state,
        createAlias(state, { description: '', routing: {}, ...given, functionName: name, functionVersion }),
      );
    },
  },
  'GET /2015-03-31/functions/{name}/aliases/{alias}': (call) =>
    renderAlias(state, state.store.getAlias(referenceOf(call).name, call.path.alias ?? '')),
  'PUT /2015-03-31/functions/{name}/aliases/{alias}': async (call) => {
    const { name } = referenceOf(call);
    const given = await readBody(call, (fields) => ({
      revisionId: fields.text('RevisionId'),
      change: readAlias(fields),
    }));
    return renderAlias(state, updateAlias(state, name, call.path.alias ?? '', given.change, given.revisionId));
  },
  'DELETE /2015-03-31/functions/{name}/aliases/{alias}': {
    status: 204,
    operation: (call) => state.store.deleteAlias(referenceOf(call).name, call.path.alias ?? ''),
  },
});

const raw = (status: number, headers: Readonly<Record<string, string>>, body: string): RawResponse => ({
  raw: true,
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

const invoke =
  (state: LambdaState, queue: AsyncQueue): RestOperation =>
  async (call) => {
    const { headers } = call.request;
    const { name, qualifier } = referenceOf(call);
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const payload = (await call.request.readBody()).toString('utf8') || '{}';
    const request = { functionName: name, qualifier, payload };
    const requestId = { 'x-amzn-requestid': call.request.requestId };
    if (type === 'DryRun') {
      chooseTarget(state, request);
      return raw(204, requestId, '');
    }
    checkPayload(payload, type === 'Event' ? ASYNC_PAYLOAD_BYTES : SYNC_PAYLOAD_BYTES);
    if (type === 'Event') {
      queue.accept(request);
      return raw(202, requestId, '');
    }
    if (type !== 'RequestResponse') {
      throw new AwsError(
        'InvalidParameterValueException',
        `invocation type must be RequestResponse, Event or DryRun, got ${type}`,
        400,
        { Type: 'User' },
      );
    }
    const result = await invokeSync(state, { ...request, requestId: call.request.requestId });
    return raw(
      200,
      {
        ...requestId,
        'x-amz-executed-version': result.executedVersion,
        ...(result.functionError === undefined ? {} : { 'x-amz-function-error': result.functionError }),
        ...(headers['x-amz-log-type'] === 'Tail'
          ? { 'x-amz-log-result': Buffer.from(result.logTail()).toString('base64') }
          : {}),
      },
      result.payload,
    );
  };

const invokeRoutes = (state: LambdaState, queue: AsyncQueue): RestProtocol['routes'] => ({
  'POST /2015-03-31/functions/{name}/invocations?Qualifier': {
    headers: ['x-amz-invocation-type', 'x-amz-log-type'],
    payload: 'Payload',
    operation: invoke(state, queue),
  },
});

const readInvokeConfig = (fields: Fields) => {
  const destinations = fields.object('DestinationConfig', (inner) => ({
    onSuccessArn: inner.object('OnSuccess', (one) => one.text('Destination')),
    onFailureArn: inner.object('OnFailure', (one) => one.text('Destination')),
  }));
  const given = {
    maximumRetryAttempts: fields.integer('MaximumRetryAttempts', { min: 0, max: 2 }),
    maximumEventAgeSeconds: fields.integer('MaximumEventAgeInSeconds', { min: 60, max: 21_600 }),
    ...destinations,
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<EventInvokeConfig>;
};

/** Reads what asynchronous invocations of a function or qualifier obey; what it answers stores it. Shared with the template's resource. */
export const putInvokeConfig = (
  state: LambdaState,
  reference: { readonly name: string; readonly qualifier?: string },
  fields: Fields,
  merge: boolean,
): (() => EventInvokeConfig) => {
  const given = readInvokeConfig(fields);
  return () => {
    const { name, qualifier = LATEST } = reference;
    state.store.getFunction(name);
    const key = `${name}/${qualifier}`;
    const config: EventInvokeConfig = {
      ...(merge ? state.store.invokeConfigs.get(key) : {}),
      ...given,
      functionName: name,
      qualifier,
      lastModifiedMs: state.context.clock.nowMs(),
    };
    state.store.invokeConfigs.put(key, config);
    return config;
  };
};

const settingsRoutes = (state: LambdaState): RestProtocol['routes'] => {
  const configKey = (call: RestCall): string => {
    const { name, qualifier = LATEST } = referenceOf(call);
    return `${name}/${qualifier}`;
  };
  const put = (merge: boolean) => async (call: RestCall) =>
    renderInvokeConfig(
      state,
      (await readBody(call, (fields) => putInvokeConfig(state, referenceOf(call), fields, merge)))(),
    );
  return {
    'PUT /2019-09-25/functions/{name}/event-invoke-config?Qualifier': put(false),
    'POST /2019-09-25/functions/{name}/event-invoke-config?Qualifier': put(true),
    'GET /2019-09-25/functions/{name}/event-invoke-config?Qualifier': (call) => {
      const config = state.store.invokeConfigs.get(configKey(call));
      if (config) return renderInvokeConfig(state, config);
      throw new AwsError(
        'ResourceNotFoundException',
        `The function ${configKey(call)} doesn't have an EventInvokeConfig`,
        404,
        { Type: 'User' },
      );
    },
    'DELETE /2019-09-25/functions/{name}/event-invoke-config?Qualifier': {
      status: 204,
      operation: (call) => state.store.invokeConfigs.delete(configKey(call)),
    },
    'PUT /2017-10-31/functions/{name}/concurrency': async (call) => {
      const value = await readBody(call, (fields) =>
        fields.integer('ReservedConcurrentExecutions', { min: 0, max: 1_000 }),
      );
      state.concurrency.reserve(referenceOf(call).name, value ?? 0);
      return { ReservedConcurrentExecutions: value ?? 0 };
    },
    'GET /2019-09-30/functions/{name}/concurrency': (call) => {
      const { reservedConcurrency } = state.store.getFunction(referenceOf(call).name);
      return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
    },
    'DELETE /2017-10-31/functions/{name}/concurrency': {
      status: 204,
      operation: (call) => state.concurrency.reserve(referenceOf(call).name, undefined),
    },
    'GET /2015-03-31/functions/{name}/policy?Qualifier': (call) => {
      const { name, qualifier } = referenceOf(call);
      return { Policy: policyDocument(state, name, qualifier), RevisionId: state.store.getFunction(name).revisionId };
    },
    'POST /2015-03-31/functions/{name}/policy?Qualifier': {
      status: 201,
      operation: async (call) => ({
        Statement: (await readBody(call, (fields) => addPermission(state, referenceOf(call), fields)))(),
      }),
    },
    'DELETE /2015-03-31/functions/{name}/policy/{sid}?Qualifier': {
      status: 204,
      operation: (call) => removePermission(state, referenceOf(call).name, call.path.sid ?? ''),
    },
  };
};

export const lambdaProtocol = (state: LambdaState, queue: AsyncQueue, mappings: MappingBook): RestProtocol => ({
  routes: {
    ...functionRoutes(state),
    ...aliasRoutes(state),
    ...invokeRoutes(state, queue),
    ...settingsRoutes(state),
    ...mappingRoutes(state, mappings),
    ...codeRoutes(state),
    ...tagRoutes(state),
    ...accountRoutes(state),
  },
  errorBody: (error) => ({ Type: 'User', message: error.message, ...error.extra }),
});
