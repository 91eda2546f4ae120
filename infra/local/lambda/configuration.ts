import { isUpdating } from './function-store.ts';
import type { LambdaState } from './lambda-state.ts';
import { type AliasRecord, type EventInvokeConfig, LATEST, type VersionRecord } from './records.ts';

/** AWS's own form of a Lambda timestamp. */
export const lambdaTime = (atMs: number): string => new Date(atMs).toISOString().replace('Z', '+0000');

/** A function made by the API is pending for a moment, as on AWS. */
const stateOf = ({ store, context }: LambdaState, { functionName }: VersionRecord) => {
  const pending = context.clock.nowMs() < (store.functions.get(functionName)?.activeAtMs ?? 0);
  if (!pending) return { State: 'Active' };
  return { State: 'Pending', StateReason: 'The function is being created.', StateReasonCode: 'Creating' };
};

/** `FunctionConfiguration` on the wire. */
export const renderConfiguration = (state: LambdaState, record: VersionRecord): Readonly<Record<string, unknown>> => {
  const { functionName, version, settings, revisionId, lastModifiedMs } = record;
  const { update } = state.store.functions.get(functionName) ?? {};
  const updating = version === LATEST && isUpdating(update, state.context.clock.nowMs());
  return {
    FunctionName: functionName,
    // Of `$LATEST` AWS gives the ARN without a qualifier, unless the list of versions asks.
    FunctionArn: state.store.functionArn(functionName, version === LATEST ? undefined : version),
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: settings.code.sizeBytes,
    CodeSha256: settings.code.sha256,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memorySizeMb,
    LastModified: lambdaTime(lastModifiedMs),
    Version: version,
    ...(Object.keys(settings.environment).length === 0 ? {} : { Environment: { Variables: settings.environment } }),
    ...(settings.kmsKeyArn === undefined ? {} : { KMSKeyArn: settings.kmsKeyArn }),
    ...(settings.deadLetterArn === undefined ? {} : { DeadLetterConfig: { TargetArn: settings.deadLetterArn } }),
    TracingConfig: { Mode: settings.tracingMode },
    RevisionId: revisionId,
    Layers: settings.layers.map((Arn) => ({ Arn, CodeSize: 0 })),
    ...stateOf(state, record),
    LastUpdateStatus: updating ? 'InProgress' : 'Successful',
    ...(updating
      ? { LastUpdateStatusReason: 'The function is being created.', LastUpdateStatusReasonCode: 'Creating' }
      : {}),
    PackageType: 'Zip',
    Architectures: settings.architectures,
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: settings.logFormat, LogGroup: settings.logGroup },
  };
};

/** `AliasConfiguration` on the wire. */
export const renderAlias = (state: LambdaState, alias: AliasRecord): Readonly<Record<string, unknown>> => ({
  AliasArn: state.store.functionArn(alias.functionName, alias.name),
  Name: alias.name,
  FunctionVersion: alias.functionVersion,
  Description: alias.description,
  ...(Object.keys(alias.routing).length === 0 ? {} : { RoutingConfig: { AdditionalVersionWeights: alias.routing } }),
  RevisionId: alias.revisionId,
});

/** `FunctionEventInvokeConfig` on the wire. */
export const renderInvokeConfig = (
  state: LambdaState,
  config: EventInvokeConfig,
): Readonly<Record<string, unknown>> => ({
  FunctionArn: state.store.functionArn(config.functionName, config.qualifier),
  LastModified: config.lastModifiedMs / 1_000,
  MaximumRetryAttempts: config.maximumRetryAttempts,
  MaximumEventAgeInSeconds: config.maximumEventAgeSeconds,
  DestinationConfig: {
    OnSuccess: config.onSuccessArn === undefined ? {} : { Destination: config.onSuccessArn },
    OnFailure: config.onFailureArn === undefined ? {} : { Destination: config.onFailureArn },
  },
});
