import { isDeepStrictEqual } from 'node:util';
import type { ProvisionedResource, ResourceContext, ResourceProvider } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import { requireExecutionRole } from './access.ts';
import { parseFunctionReference } from './function-store.ts';
import type { LambdaState } from './lambda-state.ts';
import type { MappingBook } from './mappings/mapping-book.ts';
import { mappingResource } from './mappings/mapping-resource.ts';
import {
  createAlias,
  deleteFunction,
  deleteVersion,
  finishUpdate,
  publishVersion,
  updateAlias,
  updateLatest,
} from './operations.ts';
import { addPermission, removePermission } from './permissions.ts';
import { type FunctionRecord, type FunctionSettings, LATEST } from './records.ts';
import { putInvokeConfig } from './routes.ts';
import { DEFAULT_SETTINGS, readGivenSettings } from './settings.ts';

/** CloudFormation waits for an update to come into effect before it goes on; a deployment takes no time here. */
const updateAtOnce = (state: LambdaState, name: string, change: Partial<FunctionSettings>): void => {
  finishUpdate(state, name);
  updateLatest(state, name, change, { takesMs: 0 });
};

interface FunctionDescription {
  readonly name: string;
  readonly settings: FunctionSettings;
  readonly reservedConcurrency: number | undefined;
}

const readFunction = (state: LambdaState, context: ResourceContext): FunctionDescription =>
  readProperties(context, (fields) => {
    fields.accept('Tags');
    const name = fields.text('FunctionName') ?? context.generatedName;
    const objectKey = fields.object('Code', (code) => {
      code.accept('S3Bucket');
      return code.requiredText('S3Key');
    });
    if (objectKey === undefined) throw fields.refuse('Code', 'is required');
    const given = readGivenSettings(fields);
    const { role, runtime, handler } = given;
    if (role === undefined || runtime === undefined || handler === undefined) {
      throw fields.refuse('Role, Runtime and Handler', 'are required');
    }
    return {
      name,
      reservedConcurrency: fields.integer('ReservedConcurrentExecutions', { min: 0, max: 1_000 }),
      settings: {
        ...DEFAULT_SETTINGS,
        logGroup: `/aws/lambda/${name}`,
        ...given,
        role,
        runtime,
        handler,
        architectures: fields.texts('Architectures') ?? ['x86_64'],
        code: state.code.take(objectKey),
      },
    };
  });

const provisionedFunction = (state: LambdaState, name: string): ProvisionedResource => ({
  physicalId: name,
  attributes: { Arn: state.store.functionArn(name) },
});

const functionProvider = (state: LambdaState): ResourceProvider => {
  const { store } = state;
  const create = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const { name, settings, reservedConcurrency } = readFunction(state, context);
    requireExecutionRole(state.context.access, settings.role);
    if (store.functions.get(name) === undefined) {
      const record: FunctionRecord = {
        name,
        settings,
        revisionId: state.context.ids.uuid(),
        lastModifiedMs: state.context.clock.nowMs(),
        lastVersion: 0,
        policy: [],
      };
      store.functions.put(name, record);
      if (reservedConcurrency !== undefined) state.concurrency.reserve(name, reservedConcurrency);
    }
    return provisionedFunction(state, name);
  };
  return {
    create,
    update: async (context) => {
      const wanted = readFunction(state, context);
      const previous = readFunction(state, { ...context, properties: context.previousProperties });
      if (wanted.name !== context.physicalId) return create(context);
      // Like CloudFormation: code and configuration are two calls, and what the template did not change is not touched,
      // so that the environment which a rollout wrote into $LATEST outlives a deploy of new code.
      const { code, ...configuration } = wanted.settings;
      const { code: previousCode, ...previousConfiguration } = previous.settings;
      if (!isDeepStrictEqual(code, previousCode)) updateAtOnce(state, wanted.name, { code });
      if (!isDeepStrictEqual(configuration, previousConfiguration)) updateAtOnce(state, wanted.name, configuration);
      if (wanted.reservedConcurrency !== previous.reservedConcurrency) {
        state.concurrency.reserve(wanted.name, wanted.reservedConcurrency);
      }
      return provisionedFunction(state, wanted.name);
    },
    delete: async ({ physicalId }) => {
      if (store.functions.get(physicalId)) deleteFunction(state, physicalId);
    },
  };
};

const versionProvider = (state: LambdaState): ResourceProvider => {
  const create = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const given = readProperties(context, (fields) => ({
      name: parseFunctionReference(fields.requiredText('FunctionName')).name,
      codeSha256: fields.text('CodeSha256'),
      description: fields.text('Description'),
    }));
    finishUpdate(state, given.name);
    const { version } = publishVersion(state, given.name, given);
    const arn = state.store.functionArn(given.name, version);
    return { physicalId: arn, attributes: { Version: version, FunctionArn: arn } };
  };
  return {
    create,
    // Every property of a version asks for a replacement.
    update: create,
    delete: async ({ physicalId }) => {
      const { name, qualifier = LATEST } = parseFunctionReference(physicalId);
      if (state.store.versions(name).some(({ version }) => version === qualifier))
        deleteVersion(state, name, qualifier);
    },
  };
};

const readAliasProperties = (context: ResourceContext) =>
  readProperties(context, (fields) => ({
    functionName: parseFunctionReference(fields.requiredText('FunctionName')).name,
    name: fields.requiredText('Name'),
    functionVersion: fields.requiredText('FunctionVersion'),
    description: fields.text('Description') ?? '',
    routing:
      fields.object('RoutingConfig', (inner) =>
        Object.fromEntries(
          inner.list(
            'AdditionalVersionWeights',
            (one) => [one.requiredText('FunctionVersion'), one.number('FunctionWeight') ?? 0] as const,
          ) ?? [],
        ),
      ) ?? {},
  }));

const aliasProvider = (state: LambdaState): ResourceProvider => {
  const provisioned = (functionName: string, name: string): ProvisionedResource => {
    const arn = state.store.functionArn(functionName, name);
    return { physicalId: arn, attributes: { AliasArn: arn } };
  };
  const create = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const alias = readAliasProperties(context);
    if (state.store.findAlias(alias.functionName, alias.name) === undefined) createAlias(state, alias);
    return provisioned(alias.functionName, alias.name);
  };
  return {
    create,
    update: async (context) => {
      const alias = readAliasProperties(context);
      if (state.store.findAlias(alias.functionName, alias.name) === undefined) return create(context);
      updateAlias(state, alias.functionName, alias.name, alias);
      return provisioned(alias.functionName, alias.name);
    },
    delete: async ({ physicalId }) => {
      const { name, qualifier = '' } = parseFunctionReference(physicalId);
      state.store.deleteAlias(name, qualifier);
    },
  };
};

const permissionProvider = (state: LambdaState): ResourceProvider => {
  const put = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const sid = context.generatedName;
    const add = readProperties(context, (fields) => {
      const reference = parseFunctionReference(fields.requiredText('FunctionName'));
      return addPermission(state, reference, fields, { sid, replace: true });
    });
    add();
    return { physicalId: sid, attributes: { Id: sid } };
  };
  return {
    create: put,
    update: put,
    delete: async ({ physicalId, properties }) => {
      const { name } = parseFunctionReference(String(properties.FunctionName));
      const standing = state.store.functions.get(name);
      if (standing?.policy.some(({ sid }) => sid === physicalId)) removePermission(state, name, physicalId);
    },
  };
};

const invokeConfigProvider = (state: LambdaState): ResourceProvider => {
  const put = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const store = readProperties(context, (fields: Fields) => {
      const name = parseFunctionReference(fields.requiredText('FunctionName')).name;
      return putInvokeConfig(state, { name, qualifier: fields.requiredText('Qualifier') }, fields, false);
    });
    const { functionName, qualifier } = store();
    return { physicalId: `${functionName}|${qualifier}`, attributes: {} };
  };
  return {
    create: put,
    update: put,
    delete: async ({ physicalId }) => state.store.invokeConfigs.delete(physicalId.replace('|', '/')),
  };
};

/** Layers are recorded only: their packages come from the project's own `node_modules` (NODE_PATH). */
const layerProvider = (state: LambdaState): ResourceProvider => {
  const { region, accountId, partition } = state.context;
  const put = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const { name, digest } = readProperties(context, (fields) => {
      fields.accept('CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo');
      const objectKey = fields.object('Content', (content) => {
        content.accept('S3Bucket');
        return content.requiredText('S3Key');
      });
      return { name: fields.text('LayerName') ?? context.generatedName, digest: objectKey ?? '' };
    });
    const previous = state.store.layers.get(name);
    const version = previous === undefined ? 1 : previous.version + (previous.digest === digest ? 0 : 1);
    state.store.layers.put(name, { version, digest });
    const arn = `arn:${partition}:lambda:${region}:${accountId}:layer:${name}:${version}`;
    return { physicalId: arn, attributes: { LayerVersionArn: arn } };
  };
  // A replaced layer version stays recorded: functions may still name it.
  return { create: put, update: put, delete: async () => undefined };
};

export const lambdaResources = (
  state: LambdaState,
  mappings: MappingBook,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::Lambda::Function': functionProvider(state),
  'AWS::Lambda::Version': versionProvider(state),
  'AWS::Lambda::Alias': aliasProvider(state),
  'AWS::Lambda::Permission': permissionProvider(state),
  'AWS::Lambda::EventSourceMapping': mappingResource(mappings),
  'AWS::Lambda::EventInvokeConfig': invokeConfigProvider(state),
  'AWS::Lambda::LayerVersion': layerProvider(state),
});
