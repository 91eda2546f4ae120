import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { GatewayAnswerSchema, PredictionsSchema, RefusalSchema } from '../../contracts/member-answer.ts';
import { inferenceFunctionName, LIVE_ALIAS } from '../../contracts/names.ts';
import { parse } from '../../contracts/parse.ts';
import type { MemberAnswer, MemberCall } from '../../core/composition/index.ts';
import { UnavailableError } from '../../kernel/errors.ts';

/** Models in service, asked as their API asks them: through the alias `live`, so that their canaries and captures hold. */

/** The row's output is the one number beside its id. */
const outputOf = (prediction: Readonly<Record<string, string | number>>): number => {
  const output = Object.values(prediction).find((value) => typeof value === 'number');
  if (typeof output === 'number') return output;
  throw new UnavailableError('it answered a row without an output');
};

const refusalOf = (body: string): string => {
  try {
    return parse(RefusalSchema, JSON.parse(body)).detail;
  } catch {
    return body.slice(0, 200);
  }
};

const answerOf = (payload: Uint8Array | undefined, failure: string | undefined): MemberAnswer => {
  const text = new TextDecoder().decode(payload);
  if (failure !== undefined) throw new UnavailableError(`its function failed: ${text.slice(0, 200)}`);
  const { statusCode, body } = parse(GatewayAnswerSchema, JSON.parse(text), 'the answer');
  if (statusCode !== 200) throw new UnavailableError(`it answered ${statusCode}: ${refusalOf(body)}`);
  const { version, predictions } = parse(PredictionsSchema, JSON.parse(body), 'the answer');
  return { version, outputs: predictions.map(outputOf) };
};

interface Options {
  readonly client: LambdaClient;
  readonly stage: string;
  readonly requestId: string;
  /** On whose behalf it is asked. */
  readonly principal?: string | undefined;
  readonly apiKeyId?: string | null | undefined;
  /** The member's prediction of a row of the request. */
  readonly predictionId: (node: string, rowIndex: number) => string;
}

/**
 * Asks a member.
 * @throws UnavailableError when it does not answer in time, or with anything but predictions.
 */
export const createAskMember =
  ({ client, stage, requestId, principal, apiKeyId, predictionId }: Options) =>
  async ({ node, model, rows, rowIndices, timeoutMs }: MemberCall): Promise<MemberAnswer> => {
    const instances = rows.map((features, i) => ({ features, predictionId: predictionId(node, rowIndices[i] ?? 0) }));
    const event = {
      httpMethod: 'POST',
      path: `/models/${model}/predict`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ instances }),
      isBase64Encoded: false,
      requestContext: {
        requestId: `${requestId}.${node}`,
        identity: { userArn: principal ?? null, apiKeyId: apiKeyId ?? null },
      },
    };
    const command = new InvokeCommand({
      FunctionName: inferenceFunctionName(stage, model),
      Qualifier: LIVE_ALIAS,
      Payload: new TextEncoder().encode(JSON.stringify(event)),
    });
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), timeoutMs);
    try {
      const { Payload, FunctionError } = await client.send(command, { abortSignal: limit.signal });
      return answerOf(Payload, FunctionError);
    } catch (error) {
      if (limit.signal.aborted)
        throw new UnavailableError(`no answer in ${Math.round(timeoutMs)} ms`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
