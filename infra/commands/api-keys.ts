import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { apiKeyName } from '../../shared/contracts/names.ts';
import { InvalidStateError, LimitExceededError, NotFoundError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';
import { type ControlApi, createControlApi } from './control-api.ts';
import type { StageAccess } from './open-stage.ts';

/** A client's key of the prediction API. */
export interface ClientKey {
  readonly id: string;
  readonly client: string;
  readonly enabled: boolean;
}

export interface ApiKeys {
  list(): Promise<readonly ClientKey[]>;
  /** The text that a client sends as `x-api-key`. @throws NotFoundError */
  valueOf(client: string): Promise<string>;
  /** @throws NotFoundError */
  setEnabled(client: string, enabled: boolean): Promise<void>;
}

export interface OpenApiKeys extends ApiKeys {
  close(): void;
}

interface KeyForm {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly value?: string;
}

const PAGE = '500';
const MOST_PAGES = 20;

const listKeys = async (ask: ControlApi, name: string): Promise<readonly KeyForm[]> => {
  const keys: KeyForm[] = [];
  let query: Readonly<Record<string, string>> = { name, limit: PAGE };
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await ask({ method: 'GET', path: '/apikeys', query });
    const { item = [], position } = answer as { readonly item?: readonly KeyForm[]; readonly position?: string };
    keys.push(...item);
    if (position === undefined) return keys;
    query = { ...query, position };
  }
  throw new LimitExceededError(`the account has more than ${MOST_PAGES * Number(PAGE)} API keys of that name`);
};

/** The keys of a stage's clients, which the deploy made. */
export const createApiKeys = (stage: string, ask: ControlApi): ApiKeys => {
  const prefix = apiKeyName(stage, '');

  const list = async (): Promise<readonly ClientKey[]> => {
    const all = await listKeys(ask, prefix);
    return all
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ id, name, enabled }) => ({ id, client: name.slice(prefix.length), enabled }))
      .toSorted((a, b) => (a.client < b.client ? -1 : 1));
  };

  const find = async (client: string): Promise<ClientKey> => {
    const keys = await list();
    const found = keys.find((key) => key.client === client);
    if (found !== undefined) return found;
    const known = keys.map((key) => key.client).join(', ') || 'none';
    throw new NotFoundError(
      `stage ${stage} has no client ${client}; its clients: ${known} (usagePlans in infra/aws/config.ts)`,
    );
  };

  return {
    list,
    valueOf: async (client) => {
      const { id } = await find(client);
      const { value } = (await ask({
        method: 'GET',
        path: `/apikeys/${id}`,
        query: { includeValue: 'true' },
      })) as KeyForm;
      if (value === undefined) throw new InvalidStateError(`API Gateway did not tell the value of key ${id}`);
      return value;
    },
    setEnabled: async (client, enabled) => {
      const { id } = await find(client);
      const patchOperations = [{ op: 'replace', path: '/enabled', value: String(enabled) }];
      await ask({ method: 'PATCH', path: `/apikeys/${id}`, body: { patchOperations } });
    },
  };
};

/**
 * The keys of a stage's clients, which the deploy made.
 * @throws NotFoundError when the stage is not deployed.
 */
export const openApiKeys = async (stage: string, access: StageAccess): Promise<OpenApiKeys> => {
  const lambda = new LambdaClient({ ...access });
  const FunctionName = functionName(stage, 'platform-api');
  await lambda.send(new GetFunctionConfigurationCommand({ FunctionName })).catch((error: unknown) => {
    lambda.destroy();
    if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
    throw new NotFoundError(`stage ${stage} is not deployed: there is no function ${FunctionName}`, { cause: error });
  });
  const keys = createApiKeys(stage, createControlApi(lambda.config, access.endpoint));
  return { ...keys, close: () => lambda.destroy() };
};
