import { expect, it } from 'vitest';
import {
  type AccountToCheck,
  checkBootstrap,
  checkConcurrency,
  checkCredentials,
  checkStacks,
  checkSubscription,
  checkTrainingQuota,
} from '../../../../../infra/commands/doctor/account-checks.ts';
import type { AwsCall } from '../../../../../infra/commands/doctor/signed-call.ts';

type Answers = Readonly<Record<string, string | { readonly status: number; readonly text: string }>>;

/** Answers by `Action`, target or path, as AWS writes them. */
const account = (answers: Answers, stage: object = {}): AccountToCheck => ({
  stage: { name: 'dev', ...stage },
  region: 'us-east-1',
  call: async ({ body = '', headers = {}, path = '' }: AwsCall) => {
    const name = new URLSearchParams(body).get('Action') ?? headers['x-amz-target']?.split('.')[1] ?? path;
    const answer = answers[name] ?? { status: 500, text: `no answer planned for ${name}` };
    return typeof answer === 'string' ? { status: 200, text: answer } : answer;
  },
});

const identity =
  '<GetCallerIdentityResponse><Arn>arn:aws:iam::1:user/ann</Arn><Account>1</Account></GetCallerIdentityResponse>';
const queryError = (code: string, message = '') => ({
  status: 400,
  text: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

it('knows whose credentials these are, and of which account', async () => {
  const answers = { GetCallerIdentity: identity };

  expect(await checkCredentials(account(answers))).toMatchObject({
    status: 'ok',
    detail: 'arn:aws:iam::1:user/ann of account 1',
  });
  expect(await checkCredentials(account(answers, { account: '2' }))).toMatchObject({
    status: 'fail',
    detail: 'arn:aws:iam::1:user/ann is of account 1, stage dev of 2',
  });
  expect(await checkCredentials(account({ GetCallerIdentity: queryError('ExpiredToken') }))).toMatchObject({
    status: 'fail',
    detail: 'ExpiredToken (HTTP 400)',
  });
});

it('asks for a bootstrap of version 6 or later', async () => {
  const found = (Value: string) => ({ GetParameter: JSON.stringify({ Parameter: { Value } }) });

  expect(await checkBootstrap(account(found('21')))).toMatchObject({ status: 'ok' });
  expect(await checkBootstrap(account(found('5')))).toMatchObject({ status: 'fail', fix: 'npx cdk bootstrap' });
  expect(
    await checkBootstrap(account({ GetParameter: { status: 400, text: '{"__type":"ParameterNotFound"}' } })),
  ).toMatchObject({ status: 'fail', detail: 'us-east-1 is not bootstrapped' });
});

it.each([
  ['CREATE_COMPLETE', 'ok'],
  ['UPDATE_IN_PROGRESS', 'warn'],
  ['UPDATE_ROLLBACK_COMPLETE', 'warn'],
  ['UPDATE_ROLLBACK_FAILED', 'fail'],
  ['ROLLBACK_COMPLETE', 'fail'],
])('says of a stack that is %s: %s', async (stackStatus, status) => {
  const findings = await checkStacks(account({ DescribeStacks: `<StackStatus>${stackStatus}</StackStatus>` }));

  expect(findings).toHaveLength(5);
  expect(findings[0]).toMatchObject({ check: 'stack Millrace-dev-data', status, detail: stackStatus });
});

it('says how to deploy a stack that does not exist', async () => {
  const [data] = await checkStacks(
    account({ DescribeStacks: queryError('ValidationError', 'Stack with id x does not exist') }),
  );

  expect(data).toMatchObject({ status: 'warn', detail: 'is not deployed', fix: 'npx cdk deploy --all -c stage=dev' });
});

it('hears whether somebody confirmed the alarms’ subscription', async () => {
  const topic = '<PhysicalResourceId>arn:aws:sns:us-east-1:1:Millrace-dev-data-AlarmTopic-X</PhysicalResourceId>';
  const subscribed = (arn: string) =>
    account({
      DescribeStackResources: topic,
      ListSubscriptionsByTopic: `<Endpoint>ann@example.com</Endpoint><SubscriptionArn>${arn}</SubscriptionArn>`,
    });

  expect(await checkSubscription(subscribed('arn:aws:sns:us-east-1:1:t:1'))).toMatchObject({ status: 'ok' });
  expect(await checkSubscription(subscribed('PendingConfirmation'))).toMatchObject({
    status: 'warn',
    detail: 'ann@example.com has not confirmed',
  });
  expect(
    await checkSubscription(account({ DescribeStackResources: topic, ListSubscriptionsByTopic: '<Subscriptions/>' })),
  ).toMatchObject({ status: 'warn', detail: 'nobody is told of alarms' });
  expect(await checkSubscription(account({ DescribeStackResources: '' }))).toMatchObject({ status: 'unknown' });
});

it('warns of the little concurrency that new accounts have', async () => {
  const limit = (ConcurrentExecutions: number) =>
    account({ '/2016-08-19/account-settings': JSON.stringify({ AccountLimit: { ConcurrentExecutions } }) });

  expect(await checkConcurrency(limit(10))).toMatchObject({
    status: 'warn',
    detail: '10 at once for the whole account',
  });
  expect(await checkConcurrency(limit(1_000))).toMatchObject({ status: 'ok' });
});

it('looks for the quota of the instances that a model trains on, on every page', async () => {
  const quotas = (Value: number, NextToken?: string) => ({
    ListServiceQuotas: JSON.stringify({
      Quotas: [{ QuotaName: 'ml.g5.xlarge for spot training job usage', Value }],
      NextToken,
    }),
  });

  expect(await checkTrainingQuota(account(quotas(0)), 'ml.g5.xlarge', true)).toMatchObject({
    status: 'fail',
    detail: '0: no training job of it can start',
  });
  expect(await checkTrainingQuota(account(quotas(2)), 'ml.g5.xlarge', true)).toMatchObject({ status: 'ok' });
  expect(await checkTrainingQuota(account(quotas(2)), 'ml.p5.48xlarge', true)).toMatchObject({ status: 'warn' });
});

it('finds a quota on the second page', async () => {
  const page = (QuotaName: string, NextToken?: string) =>
    JSON.stringify({ Quotas: [{ QuotaName, Value: 1 }], NextToken });
  const paged: AccountToCheck = {
    stage: { name: 'dev' },
    region: 'us-east-1',
    call: async ({ body = '' }) => {
      const second = (JSON.parse(body) as { NextToken?: string }).NextToken === 'more';
      const text = second ? page('ml.g5.xlarge for training job usage') : page('another', 'more');
      return { status: 200, text };
    },
  };

  expect(await checkTrainingQuota(paged, 'ml.g5.xlarge', false)).toMatchObject({ status: 'ok' });
});

it('does not judge what is not served, or what these credentials may not see', async () => {
  expect(
    await checkConcurrency(account({ '/2016-08-19/account-settings': { status: 404, text: '{}' } })),
  ).toMatchObject({
    status: 'unknown',
  });
  expect(
    await checkTrainingQuota(
      account({ ListServiceQuotas: { status: 400, text: '{"__type":"UnknownServiceException"}' } }),
      'x',
      false,
    ),
  ).toMatchObject({ status: 'unknown' });
  expect(
    await checkBootstrap(
      account({ GetParameter: { status: 400, text: '{"__type":"com.amazon#AccessDeniedException"}' } }),
    ),
  ).toMatchObject({
    status: 'unknown',
    detail: 'not checked: these credentials may not look (AccessDeniedException)',
  });
});
