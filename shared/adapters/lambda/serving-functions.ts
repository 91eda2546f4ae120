import {
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { LIVE_ALIAS } from '../../contracts/names.ts';
import { assert } from '../../kernel/assert.ts';
import { ConflictError, NotFoundError } from '../../kernel/errors.ts';
import type { ServingFunctions } from '../../ports/serving-functions.ts';

/** Pages of versions one listing reads: 50 versions each. */
const MAX_VERSION_PAGES = 40;

const translate = (error: unknown): never => {
  const name = (error as { name?: string } | null)?.name;
  const message = error instanceof Error ? error.message : String(error);
  if (name === 'ResourceNotFoundException') throw new NotFoundError(message, { cause: error });
  // ResourceConflictException: an update of the function is still under way.
  if (name === 'PreconditionFailedException' || name === 'ResourceConflictException') {
    throw new ConflictError(message, { cause: error });
  }
  throw error;
};

const requireText = (value: string | undefined, field: string): string => {
  assert(value !== undefined, `lambda answered without ${field}`);
  return value;
};

const listVersions = async (client: LambdaClient, functionName: string): Promise<readonly string[]> => {
  const versions: string[] = [];
  let marker: string | undefined;
  for (let page = 0; page < MAX_VERSION_PAGES; page += 1) {
    const answer = await client.send(
      new ListVersionsByFunctionCommand({
        FunctionName: functionName,
        ...(marker === undefined ? {} : { Marker: marker }),
      }),
    );
    versions.push(
      ...(answer.Versions ?? []).map(({ Version }) => Version ?? '').filter((version) => /^\d+$/.test(version)),
    );
    marker = answer.NextMarker;
    if (marker === undefined) break;
  }
  return versions.sort((a, b) => Number(a) - Number(b));
};

const invokeVersion = async (client: LambdaClient, functionName: string, lambdaVersion: string, payload: unknown) => {
  const answer = await client
    .send(
      new InvokeCommand({
        FunctionName: functionName,
        Qualifier: lambdaVersion,
        Payload: new TextEncoder().encode(JSON.stringify(payload)),
      }),
    )
    .catch(translate);
  const text = new TextDecoder().decode(answer.Payload ?? new Uint8Array());
  return { failed: answer.FunctionError !== undefined, payload: text === '' ? null : JSON.parse(text) };
};

export const createLambdaClient = (): LambdaClient => new LambdaClient({});

export const createServingFunctions = (client: LambdaClient): ServingFunctions => ({
  async describe(functionName, qualifier) {
    const answer = await client
      .send(
        new GetFunctionConfigurationCommand({
          FunctionName: functionName,
          ...(qualifier === undefined ? {} : { Qualifier: qualifier }),
        }),
      )
      .catch(translate);
    return {
      codeSha256: requireText(answer.CodeSha256, 'CodeSha256'),
      revisionId: requireText(answer.RevisionId, 'RevisionId'),
      settled: answer.LastUpdateStatus === 'Successful',
      environment: answer.Environment?.Variables ?? {},
    };
  },

  async updateEnvironment(functionName, environment, revisionId) {
    await client
      .send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: functionName,
          Environment: { Variables: { ...environment } },
          RevisionId: revisionId,
        }),
      )
      .catch(translate);
  },

  async publish(functionName, { revisionId, codeSha256, description }) {
    const answer = await client
      .send(
        new PublishVersionCommand({
          FunctionName: functionName,
          RevisionId: revisionId,
          CodeSha256: codeSha256,
          Description: description,
        }),
      )
      .catch(translate);
    return {
      lambdaVersion: requireText(answer.Version, 'Version'),
      codeSha256: requireText(answer.CodeSha256, 'CodeSha256'),
      environment: answer.Environment?.Variables ?? {},
    };
  },

  async getLiveAlias(functionName) {
    const answer = await client
      .send(new GetAliasCommand({ FunctionName: functionName, Name: LIVE_ALIAS }))
      .catch(translate);
    return {
      lambdaVersion: requireText(answer.FunctionVersion, 'FunctionVersion'),
      weights: answer.RoutingConfig?.AdditionalVersionWeights ?? {},
      revisionId: requireText(answer.RevisionId, 'RevisionId'),
    };
  },

  async setLiveAlias(functionName, { lambdaVersion, weights, revisionId }) {
    await client
      .send(
        new UpdateAliasCommand({
          FunctionName: functionName,
          Name: LIVE_ALIAS,
          FunctionVersion: lambdaVersion,
          RoutingConfig: { AdditionalVersionWeights: { ...weights } },
          RevisionId: revisionId,
        }),
      )
      .catch(translate);
  },

  invoke: (functionName, lambdaVersion, payload) => invokeVersion(client, functionName, lambdaVersion, payload),

  listVersions: (functionName) => listVersions(client, functionName),

  async deleteVersion(functionName, lambdaVersion) {
    await client
      .send(new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: lambdaVersion }))
      .catch(translate);
  },
});
