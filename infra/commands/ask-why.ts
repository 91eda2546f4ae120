import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { InvalidRequestError, NotFoundError, UnavailableError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';
import type { Explanation } from './rerun-prediction.ts';

/** The function answers as it answers API Gateway: whoever may invoke it needs no address of the API. */
const requestOf = (path: string, query: Readonly<Record<string, string>>) => ({
  httpMethod: 'GET',
  path,
  headers: {},
  queryStringParameters: query,
  multiValueQueryStringParameters: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
  body: null,
  isBase64Encoded: false,
  requestContext: { requestId: 'npm-run-why', identity: {} },
});

/**
 * Asks a stage's platform API why a prediction came out as it did.
 * @throws NotFoundError or InvalidRequestError with the API's own words when it has no answer.
 */
export const askWhy = async (
  lambda: LambdaClient,
  stage: string,
  {
    predictionId,
    ...query
  }: { readonly predictionId: string; readonly model?: string | undefined; readonly day?: string | undefined },
): Promise<Explanation> => {
  const given = Object.fromEntries(Object.entries(query).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  const request = requestOf(`/lineage/why/${encodeURIComponent(predictionId)}`, given);
  const FunctionName = functionName(stage, 'platform-api');
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(request)) }));
  const text = Buffer.from(answer.Payload ?? []).toString('utf8');
  if (answer.FunctionError !== undefined) throw new UnavailableError(`${FunctionName} failed: ${text.slice(0, 500)}`);
  const { statusCode, body } = JSON.parse(text) as { readonly statusCode: number; readonly body: string };
  const value = JSON.parse(body);
  const detail = String(value.detail ?? `the API answered ${statusCode}`);
  if (statusCode === 404) throw new NotFoundError(detail);
  if (statusCode !== 200) throw new InvalidRequestError(detail);
  return value as Explanation;
};
