import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { AwsError, type CreateService, type FaultSource } from '../../infra/local/contracts.ts';
import { createStatesService } from '../../infra/local/states/service.ts';
import { type StartedService, startLocalService, TEST_ACCOUNT, TEST_START_MS } from './local-service.ts';

/** A function of the workflow under test: gets the payload and how often it was called before. */
export type WorkflowFunction = (payload: never, callsBefore: number) => unknown;

export interface WorkflowOptions {
  /** By function name, the last part of the ARN; `name:qualifier` is called as `name`. */
  readonly functions?: Readonly<Record<string, WorkflowFunction>>;
  /** Any other API: answers, or throws an AwsError. */
  readonly call?: (service: string, action: string, parameters: never) => unknown;
  readonly services?: readonly CreateService[];
  readonly folder?: string;
  readonly durable?: boolean;
  readonly startMs?: number;
  readonly faults?: FaultSource;
}

export interface WorkflowResult {
  readonly executionArn: string;
  readonly status: string;
  readonly output: unknown;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** Names of the states entered, in order. */
  readonly visited: readonly string[];
  readonly history: readonly HistoryEvent[];
  /** Virtual time from start to end. */
  readonly durationMs: number;
}

export interface Workflows {
  readonly local: StartedService;
  readonly client: SFNClient;
  /** Creates a state machine. @returns its ARN. */
  create(name: string, definition: unknown): Promise<string>;
  start(stateMachineArn: string, input: unknown, name?: string): Promise<string>;
  /** Leaps through the virtual time until the execution ends, at most `limitMs` from now (default a year). */
  finish(executionArn: string, limitMs?: number): Promise<WorkflowResult>;
  /** The three above in one. */
  run(definition: unknown, input?: unknown): Promise<WorkflowResult>;
  stop(): Promise<void>;
}

const YEAR_MS = 365 * 86_400_000;
export const TEST_ROLE = `arn:aws:iam::${TEST_ACCOUNT}:role/workflow`;
/** Stands for a function in definitions: `functionArn('evaluate')`. */
export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:${TEST_ACCOUNT}:function:${name}`;

/** A Task state that invokes a function; add fields as needed. */
export const invoke = (name: string, fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: functionArn(name), Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...fields,
});

const bareName = (functionName: string): string => {
  const parts = functionName.split(':');
  return parts[parts.indexOf('function') + 1] ?? functionName;
};

const eventsOf = async (client: SFNClient, executionArn: string): Promise<HistoryEvent[]> => {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken }));
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return events;
};

/** Workflows that start workflows: the service's own API, as the cloud's ports would call it. */
const callStates = async (client: SFNClient, action: string, parameters: never): Promise<unknown> => {
  try {
    if (action === 'StartExecution') return await client.send(new StartExecutionCommand(parameters));
    if (action === 'StopExecution') return await client.send(new StopExecutionCommand(parameters));
    if (action === 'DescribeExecution') return await client.send(new DescribeExecutionCommand(parameters));
  } catch (error) {
    throw new AwsError((error as Error).name, (error as Error).message);
  }
  throw new AwsError('NotSupported', `states:${action} is not given in this test`);
};

/** Step Functions on a virtual clock, with functions and APIs given by the test. */
export const startWorkflows = async (options: WorkflowOptions = {}): Promise<Workflows> => {
  const counts = new Map<string, number>();
  const local = await startLocalService([createStatesService, ...(options.services ?? [])], {
    startMs: options.startMs ?? TEST_START_MS,
    ...(options.folder === undefined ? {} : { folder: options.folder }),
    ...(options.durable === undefined ? {} : { durable: options.durable }),
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ports: {
      invokeFunction: async ({ functionName, payload, invocationType }) => {
        const name = bareName(functionName);
        const handler = options.functions?.[name];
        if (!handler) throw new AwsError('ResourceNotFoundException', `Function not found: ${functionName}`, 404);
        const before = counts.get(name) ?? 0;
        counts.set(name, before + 1);
        const base = { statusCode: invocationType === 'Event' ? 202 : 200, executedVersion: '$LATEST' };
        try {
          const result = await handler(JSON.parse(payload) as never, before);
          return { ...base, payload: JSON.stringify(result ?? null) };
        } catch (error) {
          if (error instanceof AwsError) throw error;
          const { name: errorType, message: errorMessage } = error as Error;
          return {
            ...base,
            functionError: 'Unhandled',
            payload: JSON.stringify({ errorType, errorMessage, trace: [] }),
          };
        }
      },
      call: async (service, action, parameters) => {
        if (service === 'states') return callStates(client, action, parameters as never);
        return options.call?.(service, action, parameters as never);
      },
    },
  });
  const client = new SFNClient(local.clientConfig);

  const create = async (name: string, definition: unknown): Promise<string> => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const created = await client.send(new CreateStateMachineCommand({ name, definition: text, roleArn: TEST_ROLE }));
    return created.stateMachineArn ?? '';
  };
  const start = async (stateMachineArn: string, input: unknown, name?: string): Promise<string> => {
    const started = await client.send(
      new StartExecutionCommand({
        stateMachineArn,
        input: JSON.stringify(input),
        ...(name === undefined ? {} : { name }),
      }),
    );
    return started.executionArn ?? '';
  };
  const finish = async (executionArn: string, limitMs = YEAR_MS): Promise<WorkflowResult> => {
    const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
    await local.clock.runUntil(async () => (await describe()).status !== 'RUNNING', local.clock.nowMs() + limitMs);
    const described = await describe();
    const history = await eventsOf(client, executionArn);
    return {
      executionArn,
      status: described.status ?? '',
      output: described.output === undefined ? undefined : JSON.parse(described.output),
      error: described.error,
      cause: described.cause,
      visited: history.flatMap((event) => event.stateEnteredEventDetails?.name ?? []),
      history,
      durationMs: (described.stopDate?.getTime() ?? local.clock.nowMs()) - (described.startDate?.getTime() ?? 0),
    };
  };
  let machineCount = 0;
  return {
    local,
    client,
    create,
    start,
    finish,
    run: async (definition, input = {}) => {
      machineCount += 1;
      return finish(await start(await create(`machine-${machineCount}`, definition), input));
    },
    stop: async () => {
      client.destroy();
      await local.stop();
    },
  };
};
