import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInference as buildFiles } from '../../infra/aws/build-inference.ts';
import { FEATURE_COUNT, SERVED_MODEL, type StoredVersion } from './serving-model.ts';

/** The inference function's own bundle in processes of its own, as Lambda starts them. */

const NODE_MODULES = join(import.meta.dirname, '../../node_modules');
const LIMIT_MS = 60_000;

/** A raw event of API Gateway that asks for one row. */
export const predictionEvent = (protocol: 'predict' | 'infer', row: readonly number[] = ROW) => {
  const features = Object.fromEntries(row.map((value, i) => [`feature_${i}`, value]));
  const inputs = row.map((value, i) => ({ name: `feature_${i}`, shape: [1, 1], datatype: 'FP32', data: [value] }));
  const [path, body] =
    protocol === 'predict'
      ? [`/models/${SERVED_MODEL}/predict`, { features }]
      : [`/v2/models/${SERVED_MODEL}/infer`, { inputs }];
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: 'POST',
    headers: {
      Accept: '*/*',
      'Accept-Encoding': 'gzip, deflate, br',
      Authorization: 'AWS4-HMAC-SHA256 Credential=…',
      'Content-Type': 'application/json',
      Host: 'abcdefghij.execute-api.eu-central-1.amazonaws.com',
      'User-Agent': 'bench',
      'X-Amz-Date': '20261121T120000Z',
      'X-Amzn-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
      'X-Forwarded-For': '203.0.113.7',
      'X-Forwarded-Port': '443',
      'X-Forwarded-Proto': 'https',
    },
    multiValueHeaders: {},
    queryStringParameters: null,
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      identity: { userArn: 'arn:aws:iam::123456789012:user/bench' },
    },
    body: JSON.stringify(body),
    isBase64Encoded: false,
  };
};

const ROW = Array.from({ length: FEATURE_COUNT }, (_, i) => Math.round(1e4 * Math.abs(Math.sin(i + 1))) / 1e4);

/** @returns the bundle's path. */
export const buildInference = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-build-'));
  const { files } = await buildFiles('functions/infer/index.ts');
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  return join(folder, 'index.js');
};

/** The variables that Lambda and the template give the function. */
export const inferenceEnvironment = (endpoint: string, { pins }: Pick<StoredVersion, 'pins'>) => ({
  ...pins,
  STAGE: 'bench',
  MODEL_NAME: SERVED_MODEL,
  ARTIFACT_BUCKET: 'artifacts',
  REGISTRY_TABLE: 'registry',
  AUDIT_TABLE: 'audit',
  CAPTURE_STREAM: 'capture',
  CAPTURE_LIMIT_MS: '50',
  ONLINE_TABLE: 'online',
  AWS_LAMBDA_FUNCTION_VERSION: '1',
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'bench',
  AWS_SECRET_ACCESS_KEY: 'bench',
  AWS_SESSION_TOKEN: 'bench',
  AWS_ENDPOINT_URL: endpoint,
  NODE_PATH: NODE_MODULES,
});

/** A CommonJS program in a file of its own. */
export const writeProgram = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'millrace-cold-')), 'main.cjs');
  writeFileSync(file, text);
  return file;
};

/** Starts the bundle, and asks it for one row. */
export const firstPrediction = (bundle: string): string =>
  writeProgram(`
    const { handler } = require(${JSON.stringify(bundle)});
    handler(${JSON.stringify(predictionEvent('predict'))}).then(
      (answer) => process.stdout.write(JSON.stringify(answer)),
      (error) => process.stdout.write(String(error)),
    );
  `);

/** Milliseconds from the start of a Node process to the first that it writes, which must hold `expected`. */
export const timeToOutput = async (
  program: string,
  environment: Readonly<Record<string, string>>,
  expected: string,
): Promise<number> => {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    return await new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`nothing was written in ${LIMIT_MS} ms`)), LIMIT_MS);
      child.stdout.once('data', (chunk: Buffer) => {
        const tookMs = performance.now() - startedMs;
        clearTimeout(limit);
        const text = chunk.toString();
        if (text.includes(expected)) resolve(tookMs);
        else reject(new Error(`the process answered ${text}`));
      });
      child.once('close', (code) => {
        clearTimeout(limit);
        reject(new Error(`the process ended with ${code} before it wrote`));
      });
    });
  } finally {
    child.kill('SIGKILL');
  }
};
