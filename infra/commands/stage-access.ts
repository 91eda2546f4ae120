import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { type StageConfig, stageConfig } from '../aws/config.ts';
import type { StageAccess } from './open-stage.ts';

/** How a command is told which stage it is about, and how that is reached. */

const text = { type: 'string' } as const;

export const STAGE_OPTIONS = {
  stage: text,
  region: text,
  profile: text,
  endpoint: text,
} as const;

/** Without --stage: dev, or local where an endpoint is given. */
export const STAGE_USAGE = '[--stage dev] [--region R] [--profile P] [--endpoint URL]';

interface StageValues {
  readonly stage?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_STAGE = 'dev';
/** Of npm start, if no other is asked for. */
const LOCAL_STAGE = 'local';
const LOCAL_ENDPOINT = 'http://127.0.0.1:4566';
const LOCAL_REGION = 'us-east-1';
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const has = (value: string | undefined): value is string => value !== undefined && value !== '';

/** An embedded cloud takes any region and credentials: a command need not be given them. */
const localDefaults = ({ region, profile }: StageValues, environment: Environment): Partial<StageAccess> => ({
  ...(has(region) || has(environment.AWS_REGION) ? {} : { region: LOCAL_REGION }),
  ...(has(profile) || has(environment.AWS_PROFILE) || has(environment.AWS_ACCESS_KEY_ID)
    ? {}
    : { credentials: LOCAL_CREDENTIALS }),
});

const endpointOf = ({ endpoint }: StageValues, { AWS_ENDPOINT_URL }: Environment): string | undefined =>
  endpoint ?? (has(AWS_ENDPOINT_URL) ? AWS_ENDPOINT_URL : undefined);

/** How a stage is reached, from what was given and from the environment. */
export const stageAccess = (values: StageValues, config: StageConfig, environment: Environment): StageAccess => {
  const { profile } = values;
  const given = endpointOf(values, environment);
  const endpoint = given ?? (config.name === LOCAL_STAGE ? LOCAL_ENDPOINT : undefined);
  const region = values.region ?? (has(environment.AWS_REGION) ? undefined : config.region);
  return {
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint, ...localDefaults(values, environment) }),
  };
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint, { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
};

/**
 * The stage that a command is about.
 * @throws InvalidRequestError for a stage that is not in the configuration
 * @throws InvalidStateError when the embedded cloud that it would ask does not answer
 */
export const readStage = async (
  values: StageValues,
): Promise<{ readonly stage: StageConfig; readonly access: StageAccess }> => {
  const isLocal = endpointOf(values, process.env) !== undefined;
  const stage = stageConfig(values.stage ?? (isLocal ? LOCAL_STAGE : DEFAULT_STAGE));
  const access = stageAccess(values, stage, process.env);
  const { endpoint } = access;
  if (endpoint !== undefined && !(await answers(endpoint))) {
    throw new InvalidStateError(
      `no embedded cloud answers at ${endpoint}: run npm start in another terminal, or give --endpoint as it prints it`,
    );
  }
  return { stage, access };
};

/** Does something with what is opened at the stage that was named, and closes it again. */
export const withStage = async <Opened extends { close(): void }>(
  values: StageValues,
  open: (stageName: string, access: StageAccess) => Promise<Opened>,
  act: (opened: Opened) => Promise<void>,
): Promise<void> => {
  const { stage, access } = await readStage(values);
  const opened = await open(stage.name, access);
  try {
    await act(opened);
  } finally {
    opened.close();
  }
};
