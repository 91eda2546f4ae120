import { CloudWatchClient, DescribeAlarmsCommand, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import { GetAliasCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListStateMachinesCommand,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { createArtifactStore } from '../../../shared/adapters/s3/artifact-store.ts';
import { driftReportKey } from '../../../shared/contracts/artifacts.ts';
import type { DriftReport } from '../../../shared/contracts/drift-report.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../../shared/contracts/names.ts';
import type { ArtifactStore } from '../../../shared/ports/artifact-store.ts';

/** One execution, as the timeline shows it. */
export interface ExecutionFact {
  readonly arn: string;
  readonly name: string;
  readonly workflow: string;
  readonly status: string;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
}

export interface EnteredState {
  readonly name: string;
  readonly atMs: number;
}

export interface AlarmFact {
  readonly name: string;
  readonly atMs: number;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** Reads what happened through the public AWS APIs, as any client would. */
export interface Observer {
  /** Oldest first; of the workflows whose name matches. */
  executions(workflows?: RegExp): Promise<readonly ExecutionFact[]>;
  /** The states that an execution entered so far. */
  enteredStates(executionArn: string): Promise<readonly EnteredState[]>;
  executionInput(executionArn: string): Promise<unknown>;
  /** Null of one that gave none: it runs, or failed. */
  executionOutput(executionArn: string): Promise<unknown>;
  alarmTransitions(): Promise<readonly AlarmFact[]>;
  ringingAlarms(): Promise<readonly string[]>;
  liveWeights(model: string): Promise<Readonly<Record<string, number>>>;
  driftReport(model: string, day: string): Promise<DriftReport | undefined>;
  readArtifact(key: string): Promise<Uint8Array>;
  /** The data bucket, as `npm run load` writes to it. */
  readonly data: ArtifactStore;
  close(): void;
}

interface Target {
  readonly stage: string;
  readonly clientConfig: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    /** How requests are sent. @default over HTTP */
    readonly requestHandler?: NonNullable<S3ClientConfig['requestHandler']>;
  };
  readonly artifactBucket: string;
  readonly dataBucket: string;
}

/** `millrace-local-train-flight-delay` → `train-flight-delay`. */
const workflowName = (stateMachineArn: string, stage: string): string =>
  (stateMachineArn.split(':').at(-1) ?? '').replace(`millrace-${stage}-`, '');

const listExecutions = async (
  states: SFNClient,
  stage: string,
  workflows: RegExp,
): Promise<readonly ExecutionFact[]> => {
  const { stateMachines = [] } = await states.send(new ListStateMachinesCommand({ maxResults: 1_000 }));
  const facts: ExecutionFact[] = [];
  for (const { stateMachineArn = '' } of stateMachines) {
    if (!workflows.test(workflowName(stateMachineArn, stage))) continue;
    for await (const page of paginateListExecutions({ client: states }, { stateMachineArn, maxResults: 1_000 })) {
      for (const { executionArn = '', name = '', status = '', startDate, stopDate } of page.executions ?? []) {
        facts.push({
          arn: executionArn,
          name,
          workflow: workflowName(stateMachineArn, stage),
          status,
          startedAtMs: startDate?.getTime() ?? 0,
          ...(stopDate ? { stoppedAtMs: stopDate.getTime() } : {}),
        });
      }
    }
  }
  return facts.sort((a, b) => a.startedAtMs - b.startedAtMs);
};

const readAlarms = async (client: CloudWatchClient): Promise<readonly AlarmFact[]> => {
  const facts: AlarmFact[] = [];
  const input = { HistoryItemType: 'StateUpdate', ScanBy: 'TimestampAscending', MaxRecords: 100 } as const;
  for await (const page of paginateDescribeAlarmHistory({ client }, input)) {
    for (const { AlarmName = '', Timestamp, HistoryData = '{}' } of page.AlarmHistoryItems ?? []) {
      const { oldState, newState } = JSON.parse(HistoryData);
      facts.push({
        name: AlarmName,
        atMs: Timestamp?.getTime() ?? 0,
        from: oldState?.stateValue ?? '',
        to: newState?.stateValue ?? '',
        reason: newState?.stateReason ?? '',
      });
    }
  }
  return facts;
};

const absentAsUndefined = (error: unknown): undefined => {
  if ((error as { name?: string }).name === 'NoSuchKey') return undefined;
  throw error;
};

export const createObserver = ({ stage, clientConfig, artifactBucket, dataBucket }: Target): Observer => {
  const states = new SFNClient(clientConfig);
  const cloudWatch = new CloudWatchClient(clientConfig);
  const s3 = new S3Client({ ...clientConfig, forcePathStyle: true });
  const lambda = new LambdaClient(clientConfig);

  const read = async (bucket: string, key: string): Promise<Uint8Array> => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body ? Body.transformToByteArray() : new Uint8Array();
  };
  const history = async (executionArn: string) =>
    (await states.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1_000 }))).events ?? [];

  return {
    executions: (workflows = /./) => listExecutions(states, stage, workflows),
    async enteredStates(executionArn) {
      return (await history(executionArn)).flatMap(({ stateEnteredEventDetails, timestamp }) =>
        stateEnteredEventDetails?.name ? { name: stateEnteredEventDetails.name, atMs: timestamp?.getTime() ?? 0 } : [],
      );
    },
    async executionInput(executionArn) {
      const [started] = await history(executionArn);
      return JSON.parse(started?.executionStartedEventDetails?.input ?? 'null');
    },
    async executionOutput(executionArn) {
      const { output } = await states.send(new DescribeExecutionCommand({ executionArn }));
      return JSON.parse(output ?? 'null');
    },
    alarmTransitions: () => readAlarms(cloudWatch),
    async ringingAlarms() {
      const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
      return MetricAlarms.map(({ AlarmName = '' }) => AlarmName);
    },
    async liveWeights(model) {
      const FunctionName = inferenceFunctionName(stage, model);
      const { FunctionVersion = '', RoutingConfig } = await lambda.send(
        new GetAliasCommand({ FunctionName, Name: LIVE_ALIAS }),
      );
      const additional = RoutingConfig?.AdditionalVersionWeights ?? {};
      const rest = Object.values(additional).reduce((left, weight) => left - weight, 1);
      return { [FunctionVersion]: Math.round(rest * 1e6) / 1e6, ...additional };
    },
    async driftReport(model, day) {
      const bytes = await read(dataBucket, driftReportKey(model, day)).catch(absentAsUndefined);
      return bytes && JSON.parse(new TextDecoder().decode(bytes));
    },
    readArtifact: (key) => read(artifactBucket, key),
    data: createArtifactStore({ client: s3, bucket: dataBucket }),
    close: () => {
      for (const client of [states, cloudWatch, s3, lambda]) client.destroy();
    },
  };
};
