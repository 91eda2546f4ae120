import type { StageConfig } from '../../aws/config.ts';
import { stackName } from '../../aws/names.ts';
import { type Finding, fail, ok, unknown, warn } from './finding.ts';
import { type AwsAnswer, type CallAws, elementTexts, errorCode, jsonCall, queryCall } from './signed-call.ts';

/** What is looked at in the account that a stage is deployed to, or in an embedded cloud. */

export interface AccountToCheck {
  readonly call: CallAws;
  readonly stage: Pick<StageConfig, 'name' | 'account' | 'email'>;
  readonly region: string;
  /** An embedded cloud, which needs no bootstrap. @default false */
  readonly isEmbedded?: boolean;
}

/** What the embedded cloud answers for what it does not have. */
const NOT_SERVED = new Set(['UnknownServiceException', 'InvalidAction', 'UnknownOperationException']);

/** The finding of an answer that is an error; undefined for an answer. */
const errorFinding = (check: string, { status, text }: AwsAnswer, fix: string): Finding | undefined => {
  if (status < 400) return undefined;
  const code = errorCode(text) ?? `HTTP ${status}`;
  if (NOT_SERVED.has(code)) return unknown(check, `not checked: ${code}, the endpoint does not serve it`);
  if (/AccessDenied|NotAuthorized|UnauthorizedOperation/.test(code)) {
    return unknown(check, `not checked: these credentials may not look (${code})`);
  }
  return fail(check, `${code} (HTTP ${status})`, fix);
};

export const checkCredentials = async ({ call, stage }: AccountToCheck): Promise<Finding> => {
  const check = 'credentials';
  const fix = 'set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run aws sso login';
  const answer = await call(queryCall('sts', 'GetCallerIdentity', '2011-06-15'));
  const error = errorFinding(check, answer, fix);
  if (error) return error;
  const [account = '?'] = elementTexts(answer.text, 'Account');
  const [arn = '?'] = elementTexts(answer.text, 'Arn');
  if (stage.account !== undefined && stage.account !== account) {
    return fail(
      check,
      `${arn} is of account ${account}, stage ${stage.name} of ${stage.account}`,
      'take credentials of that account',
    );
  }
  return ok(check, `${arn} of account ${account}`);
};

/** The synthesised stacks ask for it: the newest resource that they need came with version 6. */
const BOOTSTRAP_VERSION = 6;

export const checkBootstrap = async ({ call, region, isEmbedded = false }: AccountToCheck): Promise<Finding> => {
  const check = 'bootstrap';
  if (isEmbedded) return unknown(check, 'not checked: an embedded cloud needs none');
  const fix = 'npx cdk bootstrap';
  const answer = await call(jsonCall('ssm', 'AmazonSSM.GetParameter', { Name: '/cdk-bootstrap/hnb659fds/version' }));
  if (errorCode(answer.text) === 'ParameterNotFound') return fail(check, `${region} is not bootstrapped`, fix);
  const error = errorFinding(check, answer, fix);
  if (error) return error;
  const version = Number((JSON.parse(answer.text) as { Parameter?: { Value?: string } }).Parameter?.Value);
  if (version >= BOOTSTRAP_VERSION) return ok(check, `version ${version}`);
  return fail(check, `version ${version}, ${BOOTSTRAP_VERSION} or later is needed`, fix);
};

const GOOD = new Set(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE']);
const STACK_FIXES: Readonly<Record<string, string>> = {
  ROLLBACK_COMPLETE: 'its first deployment failed: read its events, repair the cause, deploy again',
  UPDATE_ROLLBACK_COMPLETE: 'its last deployment was taken back: read its events, repair the cause, deploy again',
  UPDATE_ROLLBACK_FAILED: 'aws cloudformation continue-update-rollback, then deploy again',
  DELETE_FAILED: 'read its events, delete again',
};

const checkStack = async ({ call, stage }: AccountToCheck, part: Parameters<typeof stackName>[1]): Promise<Finding> => {
  const name = stackName(stage.name, part);
  const check = `stack ${name}`;
  const answer = await call(queryCall('cloudformation', 'DescribeStacks', '2010-05-15', { StackName: name }));
  if (answer.text.includes('does not exist')) {
    return warn(check, 'is not deployed', `npx cdk deploy --all -c stage=${stage.name}`);
  }
  const error = errorFinding(check, answer, 'ask again');
  if (error) return error;
  const [status = '?'] = elementTexts(answer.text, 'StackStatus');
  if (GOOD.has(status)) return ok(check, status);
  if (status.endsWith('_IN_PROGRESS')) return warn(check, status, 'wait for its end');
  const fix = STACK_FIXES[status] ?? 'read its events';
  return status === 'UPDATE_ROLLBACK_COMPLETE' ? warn(check, status, fix) : fail(check, status, fix);
};

export const checkStacks = async (account: AccountToCheck): Promise<readonly Finding[]> => {
  const findings: Finding[] = [];
  for (const part of ['data', 'training', 'serving', 'monitoring', 'api'] as const) {
    findings.push(await checkStack(account, part));
  }
  return findings;
};

/** Somebody must hear of alarms: an address that confirmed what SNS sent it. */
export const checkSubscription = async ({ call, stage }: AccountToCheck): Promise<Finding> => {
  const check = 'e-mail';
  const again = `npx cdk deploy --all -c stage=${stage.name} -c email=you@example.com`;
  const resources = await call(
    queryCall('cloudformation', 'DescribeStackResources', '2010-05-15', { StackName: stackName(stage.name, 'data') }),
  );
  const topic = elementTexts(resources.text, 'PhysicalResourceId').find(
    (id) => /^arn:[^:]+:sns:/.test(id) && id.includes('AlarmTopic'),
  );
  if (topic === undefined) return unknown(check, 'not checked: the alarm topic is not deployed');
  const answer = await call(queryCall('sns', 'ListSubscriptionsByTopic', '2010-03-31', { TopicArn: topic }));
  const error = errorFinding(check, answer, 'ask again');
  if (error) return error;
  const endpoints = elementTexts(answer.text, 'Endpoint');
  const arns = elementTexts(answer.text, 'SubscriptionArn');
  if (endpoints.length === 0) return warn(check, 'nobody is told of alarms', again);
  const pending = endpoints.filter((_, i) => arns[i] === 'PendingConfirmation');
  if (pending.length === 0) return ok(check, endpoints.join(', '));
  return warn(
    check,
    `${pending.join(', ')} has not confirmed`,
    'open the mail that SNS sent and confirm the subscription',
  );
};

/** New accounts have 10: a canary, a training and a few predictions at once reach that. */
const ENOUGH_CONCURRENCY = 100;

export const checkConcurrency = async ({ call }: AccountToCheck): Promise<Finding> => {
  const check = 'Lambda concurrency';
  const fix = 'ask for more: Service Quotas, AWS Lambda, Concurrent executions';
  const answer = await call({ service: 'lambda', method: 'GET', path: '/2016-08-19/account-settings' });
  if (answer.status === 404) return unknown(check, 'not checked: the endpoint does not serve it');
  const error = errorFinding(check, answer, fix);
  if (error) return error;
  const { AccountLimit } = JSON.parse(answer.text) as { AccountLimit?: { ConcurrentExecutions?: number } };
  const limit = AccountLimit?.ConcurrentExecutions ?? 0;
  if (limit >= ENOUGH_CONCURRENCY) return ok(check, `${limit} at once`);
  return warn(check, `${limit} at once for the whole account`, fix);
};

const MOST_PAGES = 50;

interface QuotaPage {
  readonly Quotas?: readonly { readonly QuotaName?: string; readonly Value?: number }[];
  readonly NextToken?: string;
}

/** SageMaker's quotas for training are by instance type, and 0 for GPUs until somebody asked for more. */
export const checkTrainingQuota = async (
  { call }: AccountToCheck,
  instanceType: string,
  spot: boolean,
): Promise<Finding> => {
  const wanted = `${instanceType} for ${spot ? 'spot training' : 'training'} job usage`;
  const check = `quota ${wanted}`;
  const fix = `ask for 1: Service Quotas, Amazon SageMaker, ${wanted}`;
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await call(
      jsonCall('servicequotas', 'ServiceQuotasV20190624.ListServiceQuotas', {
        ServiceCode: 'sagemaker',
        MaxResults: 100,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    const error = errorFinding(check, answer, 'ask again');
    if (error) return error;
    const { Quotas = [], NextToken } = JSON.parse(answer.text) as QuotaPage;
    const quota = Quotas.find(({ QuotaName }) => QuotaName === wanted);
    if (quota !== undefined) {
      const value = quota.Value ?? 0;
      return value >= 1 ? ok(check, `${value}`) : fail(check, '0: no training job of it can start', fix);
    }
    if (NextToken === undefined) break;
    token = NextToken;
  }
  return warn(check, 'the account has no quota of this name', fix);
};
