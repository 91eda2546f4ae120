import { S3Client } from '@aws-sdk/client-s3';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { loadModels } from '../aws/models.ts';
import { carryOut, readOptions } from './command-line.ts';
import { findDataBucket } from './find-data-bucket.ts';
import { openSourceDataset } from './load-dataset.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace load --model NAME [--bucket NAME] [--from YYYY-MM-DD] [--through YYYY-MM-DD] [--replace]
  ${STAGE_USAGE}

Brings the rows of a model's source to the data bucket of a stage, one object for each day on which rows became known.
Days that are there already stay as they are, unless --replace is given.`;

const values = readOptions(
  {
    model: { type: 'string' },
    ...STAGE_OPTIONS,
    bucket: { type: 'string' },
    from: { type: 'string' },
    through: { type: 'string' },
    replace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const main = async (): Promise<void> => {
  const definitions = await loadModels();
  const definition = definitions.find(({ name }) => name === values.model);
  if (definition === undefined) {
    const known = definitions.map(({ name }) => name).join(', ');
    throw new InvalidRequestError(`--model must be one of ${known}, got ${values.model ?? 'none'}`);
  }
  const { stage, access } = await readStage(values);
  const client = new S3Client({ ...access, ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) });
  const bucket = values.bucket ?? (await findDataBucket(client, stage.name));
  const engine = await openDuckDb({ memoryLimitMb: 4_096 });
  try {
    const source = await openSourceDataset(definition, engine);
    const { dayCount, writtenDayCount, rowCount } = await source.load({
      store: createArtifactStore({ client, bucket }),
      replace: values.replace,
      ...(values.from === undefined ? {} : { fromDay: values.from }),
      ...(values.through === undefined ? {} : { throughDay: values.through }),
    });
    console.log(
      `${definition.name}: ${rowCount} rows on ${dayCount} days, ${writtenDayCount} of them new in ${bucket}`,
    );
  } finally {
    await engine.close();
  }
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
