import { AwsError } from '../contracts.ts';
import { type Fields, readFields } from '../protocols/fields.ts';
import type { RestCall, RestProtocol } from '../protocols/rest.ts';
import { requireExecutionRole } from './access.ts';
import { renderConfiguration } from './configuration.ts';
import { parseFunctionReference } from './function-store.ts';
import type { LambdaState } from './lambda-state.ts';
import { publishVersion, updateLatest } from './operations.ts';
import { type FunctionCode, type FunctionRecord, LATEST } from './records.ts';
import { DEFAULT_SETTINGS, readGivenSettings } from './settings.ts';
import { LARGEST_UNZIPPED_BYTES } from './unzip.ts';

/** Functions made and changed by the API; those of the template come by its resources. */

const FRAME = { code: 'InvalidParameterValueException' };
const FUNCTIONS = '/2015-03-31/functions';
/** For so long a new function is pending. */
const PENDING_MS = 1_000;
/** Of an archive in a request; larger ones come by S3. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_ARCHIVE_BYTES = 52_428_800;

const user = (code: string, message: string, status: number): AwsError =>
  new AwsError(code, message, status, { Type: 'User' });
const invalid = (message: string): AwsError => user('InvalidParameterValueException', message, 400);

const readCode = (fields: Fields) => {
  const bucket = fields.text('S3Bucket');
  return { zipFile: fields.text('ZipFile'), s3Key: fields.text('S3Key'), bucket };
};

const takeCode = (state: LambdaState, operation: string, given: ReturnType<typeof readCode>): FunctionCode => {
  if (given.zipFile === undefined && given.s3Key === undefined) {
    throw invalid('Please provide a source for function code.');
  }
  if (given.zipFile === undefined) return state.code.take(given.s3Key ?? '');
  const archive = Buffer.from(given.zipFile, 'base64');
  if (archive.length > LARGEST_ARCHIVE_BYTES) {
    const message = `Request must be smaller than ${LARGEST_ARCHIVE_BYTES} bytes for the ${operation} operation`;
    throw user('RequestEntityTooLargeException', message, 413);
  }
  return state.code.takeArchive(archive);
};

const readNewFunction = (fields: Fields) => ({
  name: fields.requiredText('FunctionName'),
  code: fields.object('Code', readCode),
  publish: fields.flag('Publish') ?? false,
  architectures: fields.texts('Architectures') ?? ['x86_64'],
  tags: fields.textMap('Tags'),
  packageType: fields.choice('PackageType', ['Zip']),
  given: readGivenSettings(fields),
});

const createFunction = (state: LambdaState, request: ReturnType<typeof readNewFunction>): FunctionRecord => {
  const { store, context } = state;
  const { name } = parseFunctionReference(request.name);
  if (store.functions.get(name) !== undefined) {
    throw user('ResourceConflictException', `Function already exist: ${name}`, 409);
  }
  const { role, runtime, handler } = request.given;
  if (role === undefined) throw invalid("1 validation error detected: Value null at 'role'");
  if (runtime === undefined || handler === undefined) {
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  }
  requireExecutionRole(context.access, role);
  const code = takeCode(
    state,
    'CreateFunction',
    request.code ?? { zipFile: undefined, s3Key: undefined, bucket: undefined },
  );
  const nowMs = context.clock.nowMs();
  const record: FunctionRecord = {
    name,
    settings: {
      ...DEFAULT_SETTINGS,
      logGroup: `/aws/lambda/${name}`,
      ...request.given,
      role,
      runtime,
      handler,
      architectures: request.architectures,
      code,
    },
    revisionId: context.ids.uuid(),
    lastModifiedMs: nowMs,
    lastVersion: 0,
    policy: [],
    activeAtMs: nowMs + PENDING_MS,
    ...(request.tags === undefined ? {} : { tags: request.tags }),
  };
  store.functions.put(name, record);
  context.clock.at(nowMs + PENDING_MS, `creation of function ${name}`, () => undefined);
  if (request.publish) publishVersion(state, name);
  return record;
};

export const codeRoutes = (state: LambdaState): RestProtocol['routes'] => ({
  [`POST ${FUNCTIONS}`]: {
    status: 201,
    operation: async ({ json }) => {
      const { name } = createFunction(state, readFields(await json(), FRAME, readNewFunction));
      return renderConfiguration(state, state.store.getVersion(name, LATEST));
    },
  },
  [`PUT ${FUNCTIONS}/{name}/code`]: async ({ path, json }: RestCall) => {
    const given = readFields(await json(), FRAME, (fields) => ({
      ...readCode(fields),
      revisionId: fields.text('RevisionId'),
      publish: fields.flag('Publish') ?? false,
      dryRun: fields.flag('DryRun') ?? false,
    }));
    const { name } = parseFunctionReference(path.name ?? '');
    state.store.getFunction(name);
    if (given.publish) throw invalid('Publish is not supported here: publish once the update is in effect');
    const code = takeCode(state, 'UpdateFunctionCode', given);
    if (!given.dryRun) updateLatest(state, name, { code }, { revisionId: given.revisionId });
    return renderConfiguration(state, state.store.getVersion(name, LATEST));
  },
});

/** Of a new account. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const LARGEST_CODE_STORAGE_BYTES = 80_530_636_800;

export const accountRoutes = (state: LambdaState): RestProtocol['routes'] => ({
  'GET /2016-08-19/account-settings': () => {
    const functions = state.store.functions.entries().map(([, one]) => one);
    const { limit, unreserved } = state.concurrency.account();
    return {
      AccountLimit: {
        TotalCodeSize: LARGEST_CODE_STORAGE_BYTES,
        CodeSizeUnzipped: LARGEST_UNZIPPED_BYTES,
        CodeSizeZipped: LARGEST_ARCHIVE_BYTES,
        ConcurrentExecutions: limit,
        UnreservedConcurrentExecutions: unreserved,
      },
      AccountUsage: {
        FunctionCount: functions.length,
        TotalCodeSize: functions.reduce((sum, { settings }) => sum + settings.code.sizeBytes, 0),
      },
    };
  },
});

/** Tags of functions, by ARN. */
export const tagRoutes = (state: LambdaState): RestProtocol['routes'] => {
  const functionOf = ({ path }: RestCall): FunctionRecord =>
    state.store.getFunction(parseFunctionReference(path.arn ?? '').name);
  return {
    'GET /2017-03-31/tags/{arn}': (call) => ({ Tags: functionOf(call).tags ?? {} }),
    'POST /2017-03-31/tags/{arn}': {
      status: 204,
      operation: async (call) => {
        const tags = readFields(await call.json(), FRAME, (fields) => fields.textMap('Tags') ?? {});
        const current = functionOf(call);
        state.store.functions.put(current.name, { ...current, tags: { ...current.tags, ...tags } });
      },
    },
    'DELETE /2017-03-31/tags/{arn}?tagKeys': {
      status: 204,
      operation: (call) => {
        const keys = call.query.getAll('tagKeys');
        const current = functionOf(call);
        const left = Object.entries(current.tags ?? {}).filter(([key]) => !keys.includes(key));
        state.store.functions.put(current.name, { ...current, tags: Object.fromEntries(left) });
      },
    },
  };
};
