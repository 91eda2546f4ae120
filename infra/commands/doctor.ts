import { join } from 'node:path';
import { loadModels } from '../aws/models.ts';
import { carryOut, readOptions } from './command-line.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { readStage, STAGE_OPTIONS } from './stage-access.ts';

const USAGE = `millrace doctor [--stage dev] [--region R] [--profile P] [--endpoint URL] [--json]

Looks at everything that a deployment of the stage depends on, and changes nothing: this machine's Node, CDK CLI and
native packages; credentials, region, bootstrap, quotas; and, once deployed, stacks, the e-mail subscription and what
each endpoint serves. Ends with 1 if something is broken. What cannot be looked at is said to be unknown.
--endpoint takes an embedded cloud, such as that of npm start (--stage local).`;

const values = readOptions(
  {
    ...STAGE_OPTIONS,
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const SIGNS: Readonly<Record<Finding['status'], string>> = { ok: '✓', warn: '!', fail: '✗', unknown: '?' };

const lineOf = ({ check, status, detail, fix }: Finding): string =>
  `${SIGNS[status]} ${check}: ${detail}${fix === undefined ? '' : `\n    → ${fix}`}`;

const main = async (): Promise<void> => {
  const { stage, access } = await readStage(values);
  const findings = await examine({
    stage,
    definitions: await loadModels(),
    access,
    root: join(import.meta.dirname, '../..'),
    nodeVersion: process.version,
  });
  if (values.json) console.log(JSON.stringify(findings, null, 2));
  else for (const finding of findings) console.log(lineOf(finding));
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = 1;
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
