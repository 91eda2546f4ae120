import { createHash } from 'node:crypto';
import type { Definitions } from '../../shared/contracts/definitions.ts';
import { CauseSchema } from '../../shared/contracts/events.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { packagingRunId, uploadRunId } from '../../shared/contracts/uploads.ts';
import { planPackaging } from '../../shared/core/registry/index.ts';
import type { ExecutionStarter } from '../../shared/ports/execution-starter.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { PackagingRequest } from './decode-request.ts';

export interface StartDeps {
  /** The workflow that takes models in. */
  readonly stateMachineArn: string;
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getVersion'>;
  readonly executions: ExecutionStarter;
}

export type StartOutcome =
  | { readonly outcome: 'started' | 'exists'; readonly runId: string }
  | { readonly outcome: 'left'; readonly reason: string };

/** 32 hex digits, equal for every delivery of one request. */
const requestKeyOf = (identity: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);

/** Starts the workflow that takes models in: its name is the request's, so that each request starts it once. */
export const createStartPackaging = ({
  stateMachineArn,
  definitions,
  registry,
  executions,
}: StartDeps): ((request: PackagingRequest) => Promise<StartOutcome>) => {
  const start = async (
    name: string,
    input: { model: string; uploadId: string; cause: object },
  ): Promise<StartOutcome> => ({
    outcome: await executions.start({
      stateMachineArn,
      name,
      input: { ...input, cause: parse(CauseSchema, input.cause) },
    }),
    runId: name,
  });

  const packageVersion = async ({ model, version, asked }: Extract<PackagingRequest, { kind: 'version' }>) => {
    const plan = planPackaging(await registry.getVersion(model, version), definitions.has(model));
    if (plan.decision === 'leave') return { outcome: 'left', reason: plan.reason } as const;
    const { registeredAtMs, userId = 'workflow:model-upload' } = plan.version;
    const uploadId = requestKeyOf([
      model,
      version,
      registeredAtMs,
      ...(asked ? [asked.principal, asked.requestId] : []),
    ]);
    const principal = asked?.principal ?? userId;
    const cause = { kind: 'client-version', principal, version, registeredAtMs };
    return start(packagingRunId(uploadId), { model, uploadId, cause });
  };

  return async (request): Promise<StartOutcome> => {
    if (request.kind === 'version') return packageVersion(request);
    const { model, uploadId, principal } = request;
    return start(uploadRunId(uploadId), { model, uploadId, cause: { kind: 'upload', principal, uploadId } });
  };
};
