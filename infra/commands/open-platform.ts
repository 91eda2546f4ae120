import {
  ConflictError,
  InvalidRequestError,
  InvalidStateError,
  NotFoundError,
  UnavailableError,
} from '../../shared/kernel/errors.ts';
import { stackName } from '../aws/names.ts';
import { type AwsAnswer, elementTexts, errorCode, queryCall } from './doctor/signed-call.ts';
import { openSignedCalls } from './open-signed-calls.ts';
import type { StageAccess } from './open-stage.ts';

/** A stage's platform API, as its operator calls it. */
export interface PlatformApi {
  /** @throws NotFoundError, InvalidRequestError, ConflictError or UnavailableError with the API's own words */
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  /** As it stands, such as a page. @throws as `get` */
  text(path: string): Promise<string>;
}

const TIMEOUT_MS = 35_000;

const outputOf = (xml: string, key: string): string | undefined => {
  const keys = elementTexts(xml, 'OutputKey');
  return elementTexts(xml, 'OutputValue')[keys.indexOf(key)];
};

/** An embedded cloud answers for every API below one address. */
const embeddedUrl = (address: string, endpoint: string): URL => {
  const { hostname, pathname } = new URL(address);
  return new URL(`/_apis/${hostname.split('.')[0]}${pathname}`, endpoint);
};

const detailOf = ({ status, text }: AwsAnswer): string => {
  try {
    const { detail, message } = JSON.parse(text) as { readonly detail?: string; readonly message?: string };
    return detail ?? message ?? `the API answered ${status}`;
  } catch {
    return `the API answered ${status}: ${text.slice(0, 200)}`;
  }
};

const ERRORS: Readonly<Record<number, new (message: string) => Error>> = {
  400: InvalidRequestError,
  403: InvalidStateError,
  404: NotFoundError,
  409: ConflictError,
};

const readText = (answer: AwsAnswer): string => {
  if (answer.status < 300) return answer.text;
  const detail = detailOf(answer);
  throw new (ERRORS[answer.status] ?? UnavailableError)(detail);
};

const read = (answer: AwsAnswer): unknown => {
  const text = readText(answer);
  return text === '' ? undefined : JSON.parse(text);
};

/**
 * Finds a stage's platform API by the output of its stack, and calls it with the operator's own signature.
 * @throws NotFoundError when the stage is not deployed
 */
export const openPlatform = async (stage: string, access: StageAccess): Promise<PlatformApi> => {
  const calls = await openSignedCalls(access);
  const StackName = stackName(stage, 'api');
  const described = await calls.at()(queryCall('cloudformation', 'DescribeStacks', '2010-05-15', { StackName }));
  const address = described.status < 300 ? outputOf(described.text, 'PlatformApiUrl') : undefined;
  if (address === undefined) {
    if (described.status < 300 || described.text.includes('does not exist')) {
      throw new NotFoundError(`stage ${stage} is not deployed: there is no stack ${StackName} with its platform API`);
    }
    throw new InvalidStateError(`CloudFormation: ${errorCode(described.text) ?? `HTTP ${described.status}`}`);
  }
  const url = access.endpoint === undefined ? new URL(address) : embeddedUrl(address, access.endpoint);
  const root = url.pathname.replace(/\/$/, '');
  const call = calls.at(url.origin, TIMEOUT_MS);
  const ask = (path: string) => call({ service: 'execute-api', method: 'GET', path: `${root}${path}` });
  return {
    get: async (path) => read(await ask(path)),
    text: async (path) => readText(await ask(path)),
    post: async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const request = { service: 'execute-api', path: `${root}${path}`, headers, body: JSON.stringify(body) };
      return read(await call(request));
    },
  };
};
