import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readOptions } from './command-line.ts';
import { findStageResources } from './find-stage-resources.ts';
import { restoreObjects } from './restore-objects.ts';
import { restoreTable } from './restore-table.ts';
import { readStage, STAGE_OPTIONS } from './stage-access.ts';

const USAGE = `millrace restore --to 2026-11-21T10:00:00Z [--stage dev] [--prefix models/] [--apply]
  [--region R] [--profile P] [--endpoint URL]

Brings the registry and lineage tables, and the objects below the prefix of the artifact bucket, back to what they were
at an instant of the last 35 days. Without --apply it only says what would change. Nobody should write meanwhile: see
infra/RUNBOOK.md. What serves follows the registry within 15 minutes, by the reconciler.`;

const text = { type: 'string' } as const;
const values = readOptions(
  {
    to: text,
    ...STAGE_OPTIONS,
    prefix: { ...text, default: 'models/' },
    apply: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const instant = (): number => {
  const atMs = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(values.to ?? '')
    ? Date.parse(values.to ?? '')
    : Number.NaN;
  if (Number.isFinite(atMs)) return atMs;
  throw new InvalidRequestError(`--to must be an instant with its zone, like 2026-11-21T10:00:00Z, got ${values.to}`);
};

const main = async (): Promise<void> => {
  const { prefix, apply } = values;
  const atMs = instant();
  const { stage, access } = await readStage(values);
  const lambda = new LambdaClient({ ...access });
  const dynamodb = new DynamoDBClient({ ...access });
  const s3 = new S3Client({ ...access, ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) });
  const { artifactBucket, registryTable, lineageTable } = await findStageResources(lambda, stage.name);
  // Files first: a version that is registered must have its files.
  const objects = await restoreObjects({ client: s3, bucket: artifactBucket, prefix, atMs, apply });
  console.log(
    `${objects.bucket}/${prefix}: ${objects.undeleted.length} objects undeleted, ${objects.rewritten.length} rewritten`,
  );
  for (const table of [registryTable, lineageTable]) {
    const pause = async (ms: number): Promise<void> => void (await setTimeout(ms));
    const { written, deleted, unchanged } = await restoreTable({ client: dynamodb, table, atMs, apply, pause });
    console.log(`${table}: ${written} items written, ${deleted} deleted, ${unchanged} unchanged`);
  }
  if (!apply) console.log('nothing was changed: --apply does it');
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
