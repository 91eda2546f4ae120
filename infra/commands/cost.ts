import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { addStacks } from '../aws/add-stacks.ts';
import { stageConfig } from '../aws/config.ts';
import { buildLayer } from '../aws/layers.ts';
import { loadCompositions, loadModels } from '../aws/models.ts';
import { carryOut, readOptions } from './command-line.ts';
import { afterDestroy, idleCost, type PricedTemplate, totalUsd } from './idle-cost.ts';
import prices from './prices.json' with { type: 'json' };

const USAGE = `millrace cost [--stage dev] [--assembly FOLDER] [--after-destroy]

Prices a month in which nobody trains or predicts, from the synthesised template: of the stage, or of an assembly
that \`cdk synth\` wrote. With --after-destroy, of what \`cdk destroy\` leaves; what is stored comes on top.`;

const values = readOptions(
  {
    stage: { type: 'string', default: 'dev' },
    assembly: { type: 'string' },
    'after-destroy': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const readTemplates = (folder: string): readonly PricedTemplate[] => {
  if (!existsSync(folder)) throw new InvalidRequestError(`--assembly ${folder} does not exist`);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as PricedTemplate);
};

/** The stage's templates. What is in a bundle costs nothing while idle, so none is built. */
const synthesise = async (stageName: string): Promise<readonly PricedTemplate[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-cost-'));
  try {
    const stage = { ...stageConfig(stageName), nativeLayers: 'marker' } as const;
    const empty = join(folder, 'function');
    mkdirSync(empty);
    writeFileSync(join(empty, 'index.js'), '');
    const app = new App({ analyticsReporting: false, outdir: join(folder, 'cdk.out') });
    const definitions = await loadModels();
    addStacks(app, {
      stage,
      definitions,
      compositions: await loadCompositions(definitions),
      bundles: { folderOf: () => empty },
      layers: {
        onnxruntime: buildLayer('onnxruntime', stage, folder),
        duckdb: buildLayer('duckdb', stage, folder),
      },
    });
    return readTemplates(app.synth().directory);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const main = async (): Promise<void> => {
  const all = values.assembly === undefined ? await synthesise(values.stage) : readTemplates(values.assembly);
  const templates = values['after-destroy'] ? afterDestroy(all) : all;
  const lines = idleCost(templates);
  const width = Math.max(...lines.map(({ item }) => item.length));
  const usd = (amount: number): string => `${amount.toFixed(2).padStart(8)} $`;
  for (const { item, count, usdPerMonth, note } of lines) {
    console.log(`${item.padEnd(width)} ${String(count).padStart(6)} ${usd(usdPerMonth)}  ${note}`);
  }
  console.log(
    `${'idle, a month'.padEnd(width)} ${''.padStart(6)} ${usd(totalUsd(lines))}  prices of ${prices.asOf}, ${prices.region}`,
  );
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
